import { painted } from '../lib/painted'

/** Of a long list the first screenful is painted first and the rest follows. Whole at once where one has come back to a place in it. */
export class Portion {
  shown = $state(0)

  constructor(returned: boolean, length: () => number, first: number, more: number) {
    this.shown = returned ? Infinity : first
    $effect(() => {
      if (this.shown < length()) return painted(() => (this.shown += more))
    })
  }
}
