// Runs seeds against one server, and says of each in a line of JSON how it went.
import { join } from 'node:path'
import { act, install } from './disk'
import { Server } from './server'
import { Broken, Stage } from './stage'
import { Story } from './story'

type Work = { program: string; fresh: string; dir: string; seeds: number[]; seconds: number; trace?: boolean; firstOnly?: boolean }

const work = JSON.parse(process.argv[2]!) as Work
const server = new Server(work.program, join(work.dir, 'data'), work.seconds)
let stage: Stage
install((name) => stage.connections.get(name)!)
process.on('unhandledRejection', (e) => stage.say('nobody heard: ' + String(e)))

const LAST = 100 // lines of what went wrong
const MANY = 50 // runs after which the server begins anew, so that it stays quick
let runs = 0
let wide = false
for (const seed of work.seeds) {
  if (runs % MANY === 0) await server.putBack(work.fresh)
  else if (wide) await server.kill()
  if (server.down) await server.start()
  const began = performance.now()
  act(undefined)
  stage = new Stage(seed, server, 'r' + String(++runs).padStart(5, '0'))
  let failure: { invariant: string; message: string } | undefined
  try {
    await new Story(stage, join(work.dir, 'copy')).run()
  } catch (e) {
    failure = { invariant: e instanceof Broken ? e.invariant : 'crash', message: e instanceof Broken ? e.message : String((e as Error).stack ?? e) }
    await server.kill() // nobody knows how it was left
  }
  ;({ wide } = stage.world)
  const line = JSON.stringify({
    seed, failure, hash: stage.hash, ms: Math.round(performance.now() - began), requests: stage.wire.requests, made: stage.made.size,
    ...((failure || work.trace) && { trace: work.trace ? stage.trace : stage.trace.slice(-LAST) }),
  })
  await new Promise((said) => process.stdout.write(line + '\n', said)) // or the end of it is lost with the process
  if (failure && work.firstOnly) break
}
await server.kill()
process.exit(0)
