// The one quiet line that tells what just happened; read aloud, and gone with the next screen.
class Said {
  text = $state('')
  private fresh = false

  /** `stay`: the line is meant for the screen that comes next. */
  say(text: string, stay = false): void {
    this.text = text
    this.fresh = stay
  }

  turned(): void {
    if (this.fresh) this.fresh = false
    else this.text = ''
  }
}

export const said = new Said()
