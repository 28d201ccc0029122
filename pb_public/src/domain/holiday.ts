// Mirrors domain/holiday.go [P6]
import { addDays, weekday } from './date'

const whole = Math.trunc
const day = (year: number, month: number, date: number) => `${year}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`

/** Easter Sunday (Gauss, as Meeus has it for the Gregorian calendar). */
function easter(year: number): string {
  const a = year % 19, b = whole(year / 100), c = year % 100
  const d = (19 * a + b - whole(b / 4) - whole((b - whole((b + 8) / 25) + 1) / 3) + 15) % 30
  const e = (32 + 2 * (b % 4) + 2 * whole(c / 4) - d - (c % 4)) % 7
  const f = d + e - 7 * whole((a + 11 * d + 22 * e) / 451) + 114
  return day(year, whole(f / 31), (f % 31) + 1)
}

/** The last year that had store bededag. */
const lastPrayerDay = 2023

/** Every public holiday of a year in Denmark, in order. Days on which many offices close are none. [P6] */
export function holidays(year: number): string[] {
  const sunday = easter(year)
  const after = [-3, -2, 0, 1, ...(year > lastPrayerDay ? [] : [26]), 39, 49, 50]
  return [day(year, 1, 1), ...after.map((n) => addDays(sunday, n)), day(year, 12, 25), day(year, 12, 26)]
}

/** Monday to Friday, but for public holidays. [P6] */
export function isWorkday(d: string): boolean {
  return weekday(d) <= 5 && !holidays(Number(d.slice(0, 4))).includes(d)
}
