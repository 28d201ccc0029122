// The records that every peer gets: an invented call log, the same at every run.
const RECORDS = 10_000
const FOLDERS = 400
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** Numbers from a seed (mulberry32). */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const OPENINGS = ['Talte om', 'Vi kom omkring', 'Han ringede selv om', 'Hun spurgte til', 'Kort samtale om', 'Længere snak om', 'Fulgte op på',
  'Gennemgik', 'Mest om', 'Begyndte med', 'Vendte igen', 'Lyttede til']
const SUBJECTS = ['søvnen', 'økonomien', 'medicinen', 'jobcentret', 'datteren', 'lejligheden', 'værestedet', 'naboerne', 'lægen', 'madlavningen',
  'hunden', 'ventetiden', 'svømmehallen', 'regningerne', 'broderen', 'kontaktpersonen', 'cyklen', 'fødselsdagen', 'haven', 'tandlægen',
  'musikken', 'vaskeriet', 'koret', 'bussen', 'praktikken', 'uddannelsen', 'vennerne', 'motionen', 'biblioteket', 'kaffeklubben', 'flytningen', 'posten']
const MIDDLES = ['Det går bedre end sidst', 'Det har været en svær uge', 'Stemningen var god', 'Lød træt i telefonen', 'Har været ude hver dag',
  'Vil gerne i gang igen', 'Er bekymret for vinteren', 'Sover stadig dårligt', 'Har styr på papirerne', 'Savner nogen at spise med',
  'Har ikke åbnet døren', 'Grinede for første gang', 'Har købt ind selv', 'Var kommet for sent op', 'Glæder sig til foråret', 'Har fået svar']
const ENDINGS = ['Ringer igen', 'Vi mødes', 'Jeg sender adressen', 'Han prøver selv', 'Hun siger til', 'Vi ser på det', 'Tager med første gang',
  'Spørger på stedet', 'Vender tilbage', 'Giver besked', 'Kigger forbi', 'Skriver en sms']
const DAYS = ['mandag', 'tirsdag', 'onsdag', 'torsdag', 'fredag', 'lørdag', 'søndag']
const TOPICS = ['sleep', 'money', 'work', 'family', 'home', 'health', 'company', 'everyday']
const OUTCOMES = ['reached', 'reached', 'reached', 'no_answer', 'wants_later']

const id = (r) => Array.from({ length: 15 }, () => ALPHABET[Math.floor(r() * 36)]).join('')
const pick = (r, list) => list[Math.floor(r() * list.length)]
const clock = (r) => `${8 + Math.floor(r() * 12)}.${pick(r, ['00', '15', '30', '45'])}`
const note = (r) => `${pick(r, OPENINGS)} ${pick(r, SUBJECTS)}, ${pick(r, SUBJECTS)} og ${pick(r, SUBJECTS)}. ` +
  `${pick(r, MIDDLES)}. ${pick(r, MIDDLES)}. ${pick(r, ENDINGS)} ${pick(r, DAYS)} kl. ${clock(r)}.`

export function records(count = RECORDS) {
  const r = random(3)
  const folders = Array.from({ length: FOLDERS }, () => id(r))
  const people = Array.from({ length: 20 }, () => id(r))
  return Array.from({ length: count }, (_, i) => {
    const at = new Date(Date.UTC(2026, 4, 1) + i * 25 * 60_000 + Math.floor(r() * 1500) * 1000)
    return {
      id: id(r),
      folder: folders[i % FOLDERS],
      at: at.toISOString().replace('T', ' '),
      by: pick(r, people),
      direction: r() < 0.8 ? 'out' : 'in',
      outcome: pick(r, OUTCOMES),
      minutes: 1 + Math.floor(r() * 45),
      topics: [...new Set([pick(r, TOPICS), pick(r, TOPICS)])],
      note: note(r),
    }
  })
}

/** `count` of them, anywhere, as somebody else has changed them. */
export function changed(all, count, seed) {
  const r = random(seed)
  const chosen = new Set()
  while (chosen.size < count) chosen.add(Math.floor(r() * all.length))
  return [...chosen].map((i) => ({ ...all[i], minutes: 1 + Math.floor(r() * 45), note: note(r) }))
}
