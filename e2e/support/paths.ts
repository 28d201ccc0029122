// Where things are: what was built, and what the setup prepares for every test.
import { join } from 'node:path'

export const root = join(__dirname, '../..')
export const server = join(root, 'bin/bindeled')

/** One folder per run; the setup makes it and the workers inherit its name. */
export const scratch = (): string => {
  const folder = process.env.BINDELED_E2E
  if (!folder) throw new Error('the setup has not run')
  return folder
}
export const rowsTool = (): string => join(scratch(), 'rows')
export const seeded = (): string => join(scratch(), 'seeded')
