/** Lines of a byte stream as they come in; the last needs no line end. Bytes that are no UTF-8 throw. */
export async function* lines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  let done = false
  try {
    while (!done) {
      const read = await reader.read()
      done = read.done
      rest += done ? decoder.decode() : decoder.decode(read.value, { stream: true })
      const parts = rest.split('\n')
      rest = parts.pop()!
      yield* parts
    }
    if (rest !== '') yield rest
  } finally {
    if (!done) await reader.cancel().catch(() => {})
  }
}
