// What several screens derive from the world, reckoned once.
import { app } from '../state/app.svelte'
import { byName, capital, t } from '../i18n'
import { may } from '../domain/access'
import { concerns, dueOf, gatherer, relation, type Facts } from './view/facts'

class Views {
  #gather = gatherer()
  courses = $derived(this.#gather(app.world, app.today))
  all = $derived([...this.courses.values()])
  /** Courses that are this person's to look after. */
  mine = $derived(app.session ? this.all.filter((f) => concerns(f, app.session!, app.today)) : [])
  due = $derived(dueOf(this.mine, app.today))
  unassigned = $derived(this.sorted(this.all.filter((f) => f.course.mentor === '' && f.state !== 'closed')))
  municipality = $derived(app.world.municipalities.find((m) => m.id === app.session?.user.municipality))
  coordinator = $derived(app.session?.user.role === 'coordinator')
  mayTake = $derived(app.session?.user.role === 'mentor' && this.municipality?.mentors_take === true)
  mentors = $derived(app.world.users.filter((u) => u.active && u.role === 'mentor').sort((a, b) => byName(a.name, b.name)))
  newNotices = $derived(app.world.notices.filter((n) => n.status === 'new'))

  sorted(courses: Facts[]): Facts[] {
    return [...courses].sort((a, b) => byName(a.citizen?.name ?? '', b.citizen?.name ?? ''))
  }

  facts(id: string): Facts | undefined {
    return this.courses.get(id)
  }

  /** A hint only: the server decides. */
  may(action: string, f: Facts): boolean {
    const user = app.session?.user
    return user !== undefined && may(action, {
      role: user.role, active: true, same_municipality: f.course.municipality === user.municipality,
      relation: relation(f, user.id, app.today), unassigned: f.course.mentor === '', mentors_take: this.municipality?.mentors_take ?? false,
    })
  }

  /** At the head of a sentence: Omar, Du, En kollega. */
  subject(id: string): string {
    return id === app.session?.user.id ? t('common.you_subject') : capital(this.person(id))
  }

  /** A colleague's name, or dig. */
  person(id: string): string {
    if (id && id === app.session?.user.id) return t('common.you')
    return app.world.users.find((u) => u.id === id)?.name ?? t('common.nobody')
  }
}

export const views = new Views()
