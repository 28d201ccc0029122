// The numbers on the action card. They are no secret, so they lie outside the vault: there while locked, logged out and
// without network. What is kept stays until something newer has come.
import type { Http } from '../lib/http'
import type { CrisisLine } from './types'

const KEY = 'crisis-lines'

type Kept = { municipality: string; lines: CrisisLine[] }

function kept(): Kept {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? '') as Kept
    if (Array.isArray(found.lines)) return found
  } catch {
    // nothing yet, or storage is not allowed
  }
  return { municipality: '', lines: [] }
}

export const keptLines = (): CrisisLine[] => kept().lines

/** Of the municipality that somebody last worked in on this phone. Without network those that are kept. */
export async function newLines(http: Http, municipality = kept().municipality): Promise<CrisisLine[]> {
  try {
    const { lines } = await http.json<{ lines: CrisisLine[] }>(`/api/directory/crisis-lines?municipality=${municipality}`)
    localStorage.setItem(KEY, JSON.stringify({ municipality, lines } satisfies Kept))
    return lines
  } catch {
    return kept().lines
  }
}
