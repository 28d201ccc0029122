/** Plain Svelte: TypeScript is read by the compiler itself, no preprocessor. */
export default { compilerOptions: { runes: true } }
