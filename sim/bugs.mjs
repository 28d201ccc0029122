// Planted bugs: what the simulation must catch. Each replaces one piece of source text on its way into the build, so
// the product itself has no switches. `caughtBy`: the invariants of which one has to speak.

const go = (file, id, what, from, to, ...caughtBy) => ({ id, what, side: 'go', file: 'sync/' + file, from, to, caughtBy })
const ts = (file, id, what, from, to, ...caughtBy) => ({ id, what, side: 'ts', file: 'pb_public/src/sync/' + file, from, to, caughtBy })

export const BUGS = [
  // The server: what is done, and its one outcome.
  go('decide.go', 'no-dedupe', 'a number seen before is done again',
    'case found.Hash == nil:', 'case found.Hash == nil || d.m.N > 0:', 'I4', 'I5', 'I8', 'I2'),
  go('decide.go', 'noted-apart', 'the outcome is noted in a transaction of its own, after the deed',
    `		return d.note(tx, &out, len(c.refused) > 0) // until a person has dealt with the part
	})
	switch {`,
    `		return nil
	})
	if err == nil {
		err = app.RunInTransaction(func(tx core.App) error { return d.note(tx, &out, len(out.Refused) > 0) })
	}
	switch {`, 'I4', 'I2', 'I3'),
  go('decide.go', 'refusal-not-noted', 'a refusal is answered and not stored',
    `			out.Result = Escrowed
		}
		return d.note(tx, &out, true)`,
    `			out.Result = Escrowed
		}
		return nil`, 'I10', 'I9', 'I2', 'I3'),
  go('decide.go', 'closed-account', 'an account that is closed is still obeyed',
    'case !s.active:', 'case false:', 'I5'),
  go('decide.go', 'no-grace', 'what is older than the grace is done all the same',
    'case e.Grace > 0 &&', 'case e.Grace < 0 &&', 'I5'),
  go('decide.go', 'not-escrowed', 'what is not its person’s to do is refused, and its text stays on the phone',
    'refusal.Code == CodeForbidden', 'refusal.Code == ""', 'I6'),
  go('decide.go', 'no-deps', 'what a mutation builds on is not asked for',
    'for _, dep := range d.m.Deps {', 'for _, dep := range d.m.Deps[:0] {', 'I5'),
  go('merge.go', 'merge-untold', 'another’s words are written over, and nobody is told',
    'c.merged = append(c.merged, Clash{Field: field, Theirs: now, Mine: wanted})', '_ = wanted', 'I9'),

  // The server: who is sent what.
  go('triggers.go', 'no-tombstone', 'a card laid on another board leaves no tombstone',
    'bump, c.left(), c.alive("NEW")', 'bump, c.alive("NEW")', 'I6', 'I1', 'I7', 'I11'),
  go('triggers.go', 'no-bump', 'a change takes no number of its own',
    '"rows_update", "UPDATE", "", bump, c.left()', '"rows_update", "UPDATE", "", c.left()', 'I1', 'I7', 'I11', 'I2', 'I3'),
  go('triggers.go', 'seat-kept', 'a seat that is taken away is not noticed',
    'trigger(w.Table, name+"_delete", "DELETE", "", old...),', '', 'I6', 'I1', 'I7'),
  go('engine.go', 'no-ticker', 'a seat that only the clock ends is not noticed',
    'for _, b := range e.Buckets {', 'for _, b := range e.Buckets[:0] {', 'I6', 'I1'),
  go('pull.go', 'no-leave', 'whoever leaves a bucket is not told',
    'if !b.Active {', 'if !b.Active && false {', 'I6', 'I1'),
  go('pull.go', 'joined-in-part', 'a bucket just joined comes from the cursor on, not whole',
    'fmt.Sprintf(query, "m.seq > {:since}")', 'fmt.Sprintf(query, "0")', 'I11', 'I7', 'I1'),
  go('pull.go', 'cursor-too-far', 'a round of pages ends at the newest number, not at the one it began with',
    'cursor{Since: from.High,', 'cursor{Since: from.Told,', 'I11', 'I7', 'I1'),
  go('mark.go', 'restore-unseen', 'a server that was put back does not notice',
    'err = errRestored\n\t}\n\treturn err', 'err = nil\n\t}\n\treturn err', 'I3', 'I1', 'I2', 'I10', 'I11'),
  go('schema.go', 'wrong-sum', 'the sum of a bucket forgets what is gone',
    'sum = sum + (1 - NEW.deleted) * NEW.seq - (1 - OLD.deleted) * OLD.seq', 'sum = sum + NEW.seq - OLD.seq', 'I11'),

  // The phone: what it keeps.
  ts('client.ts', 'cursor-first', 'the cursor is stored before the rows',
    'await this.env.store.commit({ expect: asked,', 'await this.env.store.moveCursor(end.cursor)\n    await this.env.store.commit({ expect: asked && end.cursor,',
    'I1', 'I7', 'I11'),
  ts('client.ts', 'old-page', 'a page that was asked for before another came is laid over it',
    "if (asked !== this.#marks.cursor) throw new StoreError('store.moved')", 'asked = this.#marks.cursor', 'I7', 'I1', 'I11'),
  ts('store-idb.ts', 'own-count', 'a tab trusts its own memory for the next number',
    'const added: OutboxEntry = { ...m, n: ',
    'const own = db as unknown as { n?: number }\n        const added: OutboxEntry = { ...m, n: own.n ? ++own.n : own.n = ', 'I9', 'I2', 'I8', 'I10'),
  ts('report.ts', 'eviction-unseen', 'a store that the browser threw away is not missed',
    'return device && last ? {', "return device && last === 'x' ? {", 'I9'),
  ts('idb.ts', 'quota-swallowed', 'what the disk had no room for counts as saved',
    'if (await over) return result', 'await over\n      return result', 'I9', 'I2', 'I3', 'I1', 'I7', 'I11', 'I5'),
  ts('outbox.ts', 'passed-early', 'an entry counts as arrived before a pull has brought it',
    '!(e.passed || (e.outcome.seq ?? 0) <= seq)', 'seq < 0', 'I7'),
  ts('outbox.ts', 'refused-dropped', 'what was refused counts as received',
    "state: refusalsOf(outcome).length > 0 ? 'refused' : 'received' }", "state: 'received' }", 'I2', 'I9', 'I3'),
  ts('outbox.ts', 'text-stays', 'what was escrowed keeps its text on the phone',
    "return { ...e, outcome, args: {}, state: 'escrowed' }", "return { ...e, outcome, state: 'escrowed' }", 'I6'),
  ts('outbox.ts', 'not-sent-again', 'what a restored server forgot is not sent again',
    "return { ...e, state: 'unsent', passed: undefined, since: undefined, outcome: undefined, tries: undefined }", 'return e', 'I3', 'I2', 'I10'),
  ts('outbox.ts', 'number-not-spent', 'a number that was given up is not used up',
    "e.state === 'unsent' || e.spend === true", "e.state === 'unsent'", 'I10'),
  ts('client.ts', 'restore-unheard', 'the phone does not hear that the server was put back',
    'if (isRestored(failure)) {', 'if (isRestored(failure) && this.#stopped) {', 'I10'),
  ts('client.ts', 'no-repair', 'a difference is found and not repaired',
    'await this.#moveCursor(reply.cursor, now', 'await this.#moveCursor(cursor, now', 'I1', 'I11'),
  ts('page.ts', 'sum-unchecked', 'the sum of a bucket is not looked at',
    'diverged: !adds(changed.values(), page.end.sum)', 'diverged: false', 'I11'),
  ts('page.ts', 'gone-kept', 'what is gone stays in its box',
    'delete rowsOf(open, line.c)[id]', 'rowsOf(open, line.c)[id]', 'I1', 'I7', 'I11'),
]
