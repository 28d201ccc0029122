// Keeps the draft while she writes: one write at a time, always the latest, nothing lost between.
import { app } from '../../state/app.svelte'

export class DraftKeeper {
  kept = $state(false)
  failed = $state(false)
  private waiting: Record<string, unknown> | undefined
  private work: Promise<void> = Promise.resolve()
  private busy = false
  private stopped = false

  constructor(private readonly course: string) {}

  keep(values: Record<string, unknown>): void {
    if (this.stopped) return
    this.waiting = values
    if (!this.busy) this.work = this.write()
  }

  private async write(): Promise<void> {
    this.busy = true
    while (this.waiting) {
      const values = this.waiting
      this.waiting = undefined
      try {
        await app.saveDraft({ course: this.course, at: app.now().toISOString(), values })
        this.kept = true
        this.failed = false
      } catch {
        this.failed = true
      }
    }
    this.busy = false
  }

  /** What is saved takes the draft with it: once this resolves, nothing is written behind it. */
  async pause(): Promise<void> {
    this.stopped = true
    this.waiting = undefined
    await this.work
  }

  /** It was not saved. */
  resume(values: Record<string, unknown>): void {
    this.stopped = false
    this.keep(values)
  }

  async drop(): Promise<void> {
    await this.pause()
    await app.dropDraft(this.course)
  }

  /** Writing starts over, and the next word is kept again. */
  async restart(): Promise<void> {
    await this.drop()
    this.stopped = false
    this.kept = false
  }
}
