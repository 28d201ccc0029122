import { describe, expect, test } from 'vitest'
import { dueOf, gather } from './facts'
import { found, only, type Filter } from './search'
import { contact, course, today, world } from './world.fixture'

const courses = gather(world({
  courses: [course, { ...course, id: 'c2', mentor: 'omar' }, { ...course, id: 'c3', mentor: '' }],
  citizens: [['c1', 'Ærna Øst-Åby'], ['c2', 'Birk Testesen'], ['c3', 'Bo']].map(([id, name]) => ({ id: 'z' + id, course: id!, name: name!, phones: ['+4512345678'], prefers: '', hopes: '' })),
  consents: ['c1', 'c2', 'c3'].map((id) => ({ ...world().consents[0]!, id: 'k' + id, course: id })),
  contacts: [{ ...contact('t', 'reached', '2026-11-20 10:00:00.000Z'), course: 'c2' }],
}), today)
const due = dueOf(courses.values(), today)
const shown = (filter: Filter) => only(due, filter, 'maja', (id) => courses.get(id)).map((i) => i.course).sort()
const names = (query: string) => found([...courses.values()], query).map((f) => f.course.id)

describe('a part of the list', () => {
  test.each([
    ['', ['c1', 'c2', 'c3']], ['first', ['c1', 'c3']], ['cover', ['c2', 'c3']], ['mentor:maja', ['c1']], ['mentor:omar', ['c2']], ['mentor:', ['c3']], ['mentor:nobody', []],
  ] as [Filter, string[]][])('%s', (filter, want) => expect(shown(filter)).toEqual(want))
})

describe('finding somebody', () => {
  test.each([
    ['ærna', ['c1']], ['ØST', ['c1']], ['testesen birk', ['c2']], ['b', ['c1', 'c2', 'c3']], ['12 34', ['c1', 'c2', 'c3']], ['+45 12345678', ['c1', 'c2', 'c3']], ['1', []], ['  ', []], ['nobody', []],
  ])('%s', (query, want) => expect(names(query)).toEqual(want))
})
