import { rmSync } from 'node:fs'
import { scratch } from './paths'

export default function teardown(): void {
  rmSync(scratch(), { recursive: true, force: true })
}
