import { expect, test } from 'vitest'
import { initialsOf } from './door'

test.each([['Maja Mentor', 'MM'], ['Åse Marie Ærø', 'ÅÆ'], ['omar', 'O'], ['  ', '']])('initials of %s', (name, want) => expect(initialsOf(name)).toBe(want))
