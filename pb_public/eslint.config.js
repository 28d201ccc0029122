import js from '@eslint/js'
import svelte from 'eslint-plugin-svelte'
import ts from 'typescript-eslint'
import svelteConfig from './svelte.config.js'

/** One door each: a second caller is an error, not a habit. */
const doors = {
  fetch: { selector: "CallExpression[callee.name='fetch'], MemberExpression[property.name='fetch']", message: 'Only lib/http.ts and sw.ts call fetch.' },
  now: { selector: "MemberExpression[object.name='Date'][property.name='now']", message: 'Only lib/clock.ts reads the time.' },
  date: { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Only lib/clock.ts reads the time.' },
  idb: { selector: "Identifier[name='indexedDB']", message: 'Only sync/idb.ts opens IndexedDB.' },
  html: { selector: 'SvelteMustacheTag[kind=raw]', message: 'No {@html}: text is text.' },
}
const allBut = (...names) => ['error', ...Object.entries(doors).filter(([k]) => !names.includes(k)).map(([, v]) => v)]

/** ui -> state -> {sync, vault, notify} -> domain, and lib below them all. */
const mayNot = (...folders) => ['error', { patterns: [{ regex: `(^|/)(${folders.join('|')})/`, message: 'Imports point down: ui -> state -> {sync, vault, notify} -> domain.' }] }]
/** The engine knows nothing of the app: what it needs is handed to it. Of the door to the network it knows the shape. */
const engine = ['error', { patterns: [
  { regex: '(^|/)(ui|state|vault|notify|domain|i18n)/|^svelte', message: 'sync/ serves any app.' },
  { regex: '(^|/)lib/', allowTypeImports: true, message: 'Handed in through Env: sync/ imports types of lib/ only.' },
] }]

export default ts.config(
  { ignores: ['dist/', 'node_modules/'] },
  js.configs.recommended,
  ts.configs.recommended,
  svelte.configs.recommended,
  { rules: { 'no-undef': 'off', '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }], 'svelte/require-each-key': 'error', 'svelte/no-unused-svelte-ignore': 'off' /* svelte-check knows better */ } },
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } } },

  { files: ['src/**'], rules: { 'no-restricted-syntax': allBut() } },
  { files: ['src/lib/http.ts', 'src/sw.ts'], rules: { 'no-restricted-syntax': allBut('fetch') } },
  { files: ['src/lib/clock.ts'], rules: { 'no-restricted-syntax': allBut('now', 'date') } },
  { files: ['src/sync/idb.ts'], rules: { 'no-restricted-syntax': allBut('idb') } },
  { files: ['**/*.test.ts', '**/*.contract.ts', '**/testing/**', 'vite/**', 'vite.config.ts'], rules: { 'no-restricted-syntax': 'off' } },

  { files: ['src/domain/**'], rules: { 'no-restricted-imports': mayNot('ui', 'state', 'sync', 'vault', 'notify', 'lib', 'i18n') } },
  { files: ['src/lib/**'], rules: { 'no-restricted-imports': mayNot('ui', 'state', 'sync', 'vault', 'notify', 'i18n') } },
  { files: ['src/vault/**'], rules: { 'no-restricted-imports': mayNot('ui', 'state', 'notify', 'domain', 'i18n') } },
  { files: ['src/notify/**'], rules: { 'no-restricted-imports': mayNot('ui', 'state', 'sync', 'vault', 'i18n') } },
  { files: ['src/sync/**'], rules: { '@typescript-eslint/no-restricted-imports': engine } },
  { files: ['src/sync/**/*.test.ts', 'src/sync/testing/**'], rules: { '@typescript-eslint/no-restricted-imports': 'off', 'no-restricted-imports': mayNot('ui', 'state', 'domain', 'i18n') } },
  { files: ['src/state/**'], rules: { 'no-restricted-imports': mayNot('ui', 'i18n') } },
  { files: ['src/ui/**', 'src/i18n/**'], rules: { 'no-restricted-imports': ['error', { patterns: [
    { regex: '(^|/)(sync/(?!protocol$)|vault/|notify/)', message: 'Screens see state/app and state/types only.' },
    { regex: '(^|/)state/(?!app\\.svelte$|types$)', message: 'Screens see state/app and state/types only.' },
  ] }] } },
  { files: ['src/ui/**/*.test.ts'], rules: { 'no-restricted-imports': 'off' } },
)
