/** Adds up `go test -json`: leaf tests are counted, and of the output only what explains a failure is kept. */
export function goResults(stream) {
  const said = new Map() // "package test" -> its output
  const ended = new Map() // "package test" -> pass | fail | skip
  for (const line of stream.split('\n').filter((l) => l.startsWith('{'))) {
    const { Action, Package, ImportPath, FailedBuild, Test = '', Output } = JSON.parse(line)
    const key = `${Package ?? ImportPath} ${Test}`
    if (Action.endsWith('output')) said.set(key, (said.get(key) ?? '') + Output)
    if (FailedBuild) said.set(key, said.get(`${FailedBuild} `) + said.get(key))
    if (['pass', 'fail', 'skip'].includes(Action)) ended.set(key, Action)
  }
  const keys = [...ended.keys()]
  const isTest = (key) => !key.endsWith(' ')
  const parts = (key) => keys.filter((k) => isTest(k) && k !== key && k.startsWith(isTest(key) ? key + '/' : key))
  const bad = (key) => ended.get(key) === 'fail' || (isTest(key) && ended.get(key) === 'skip')

  const leaves = keys.filter((k) => isTest(k) && parts(k).length === 0)
  // A parent or a package that failed with no failing part failed by itself.
  const failed = keys.filter((k) => bad(k) && !parts(k).some(bad))
  return {
    passed: leaves.filter((k) => ended.get(k) === 'pass').length,
    failed: failed.length,
    output: keys.filter(bad).map((k) => said.get(k) ?? k).join(''),
  }
}
