// The one quiet line that tells what just happened; read aloud, and gone with the next screen.
import { t, when } from '../i18n'
import { later } from '../lib/clock'
import { app } from '../state/app.svelte'

/** Long enough to read twice; what it says also stands where it belongs. */
const lingers = 12_000

class Said {
  text = $state('')
  private fresh = false
  private hush = (): void => {}
  /** How much needed a person when something was saved; -1 while the line follows nothing. */
  private before = $state(-1)

  /** `stay`: the line is meant for the screen that comes next. */
  say(text: string, stay = false): void {
    this.text = text
    this.fresh = stay
    this.before = -1
    this.hush()
    if (text) this.hush = later(lingers, () => { this.text = '' })
  }

  /** Something lies on the phone: the line tells of its arrival too. */
  saved(text: string, stay = false): void {
    this.say(text, stay)
    this.before = app.tray.length
  }

  /** Run as an effect. */
  follow(): void {
    if (this.before < 0 || app.status.unsent > 0 || !app.status.lastPush) return
    this.text = app.tray.length > this.before ? t('receipt.refused') : t('receipt.received', { when: when(app.status.lastPush, app.today) })
    this.before = -1
  }

  turned(): void {
    if (this.fresh) this.fresh = false
    else this.say('')
  }
}

export const said = new Said()
