import { expect, test } from 'vitest'
import { initialsOf, labelOf } from './door'

test.each([['Maja Mentor', 'MM'], ['Åse Marie Ærø', 'ÅÆ'], ['omar', 'O'], ['  ', '']])('initials of %s', (name, want) => expect(initialsOf(name)).toBe(want))

test.each([
  [[], 'MM'], [['KK'], 'MM'], [['MM'], 'MM 2'], [['MM', 'MM 2', 'KK 2'], 'MM 3'], [['MM 2'], 'MM'],
])('where %j are on the phone, Mette Maj is %s', (taken, want) => expect(labelOf('Mette Maj', taken)).toBe(want))
