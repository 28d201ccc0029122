// Mirrors domain/targetgroup.go [TG1–TG9]
import { isDate } from './date'
import { broken, type RuleError } from './errors'

/** What the ward knows on the day of discharge: yes, no or unknown. A missing answer is unknown. */
export type Answers = {
  adult?: string
  mental_disorder?: string
  regional_psychiatry?: string
  service_act_support?: string
  own_home?: string
  other_support?: string
}

export type Verdict = {
  result: 'yes' | 'no' | 'unknown'
  reasons: string[] // rules that say no; if none does, rules not known
  warnings: string[] // worth a look, never a no
}

export type DischargeDates = { discharge_date: string; participates_from: string; participates_to: string }

/** TG5: does the municipality take part on the day of discharge? */
function participation({ discharge_date: day, participates_from: from, participates_to: to }: DischargeDates): string {
  if (!isDate(day)) return 'unknown'
  return from !== '' && day >= from && (to === '' || day <= to) ? 'yes' : 'no'
}

/** Is the person in the target group on the day of discharge? What comes later changes nothing. [TG1–TG8] */
export function assess(a: Answers, dates: DischargeDates): Verdict {
  const tests: [rule: string, answer: string | undefined, wanted: 'yes' | 'no'][] = [
    ['TG1', a.adult, 'yes'],
    ['TG2', a.mental_disorder, 'yes'],
    ['TG3', a.regional_psychiatry, 'yes'],
    ['TG4', a.service_act_support, 'no'],
    ['TG5', participation(dates), 'yes'],
  ]
  const no: string[] = []
  const unknown: string[] = []
  for (const [rule, answer, wanted] of tests) {
    if (answer === wanted) continue
    if (answer === 'yes' || answer === 'no') no.push(rule)
    else unknown.push(rule)
  }
  const warnings: string[] = []
  if (a.other_support === 'yes') warnings.push('TG6')
  if (a.own_home !== 'yes') warnings.push('TG7')
  if (no.length > 0) return { result: 'no', reasons: no, warnings }
  if (unknown.length > 0) return { result: 'unknown', reasons: unknown, warnings }
  return { result: 'yes', reasons: [], warnings }
}

/** A yes becomes a course, an unknown only with a reason, a no never. [TG8 TG9] */
export function checkAcceptance(v: { result: string; reasons: string[] }, reason: string): RuleError | null {
  if (v.result === 'yes') return null
  if (v.result === 'unknown') return reason === '' ? broken('target.needs_reason', { reasons: v.reasons }) : null
  return broken('target.not_in_group', { reasons: v.reasons })
}
