// Mirrors domain/phone.go [P1]

/** Writes a number as E.164: eight digits are Danish, other countries need their + (or 00). '' when it is none. */
export function normalisePhone(s: string): string {
  let p = s.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, '').replace(/[ \u00a0\-.()/]/g, '')
  if (p.startsWith('00')) p = '+' + p.slice(2)
  if (/^[0-9]{8}$/.test(p)) p = '+45' + p
  if (!/^\+[1-9][0-9]{6,14}$/.test(p)) return ''
  return p.startsWith('+45') && p.length !== 11 ? '' : p
}

/** "12 34 56 78"; a foreign number as it is kept. */
export function showPhone(s: string): string {
  const danish = /^\+45(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(normalisePhone(s))
  return danish ? danish.slice(1).join(' ') : s
}
