// The page "Sync" in PocketBase's dashboard: which devices there are, and which of them need a person.
// Routes are added before anything is awaited: after that the dashboard's router takes no more.
const HOUR = 3600_000

const moment = (at) => (at ? Date.parse(at.replace(' ', 'T')) : 0)

/** A device that has unsent work and has not been heard of. */
const silent = (d) => d.unsent > 0 && Date.now() - moment(d.seen) > HOUR

const worries = (d) => d.unsent + d.open + d.lost > 0

/** Silent ones first, the longest silent at the top; then what needs a person; then the rest, the newest first. */
function inOrder(devices) {
  const rank = (d) => (silent(d) ? 0 : worries(d) ? 1 : 2)
  return devices.toSorted((a, b) => rank(a) - rank(b) || (rank(a) ? moment(b.seen) - moment(a.seen) : moment(a.seen) - moment(b.seen)))
}

function ago(at) {
  if (!at) return 'never'
  const minutes = Math.max(0, Math.round((Date.now() - moment(at)) / 60_000))
  if (minutes < 60) return `${minutes} min`
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`
  return `${Math.floor(minutes / 1440)} days`
}

/** Names for ids, in one request. A filter takes so many ids and no more. */
async function namesOf(collection, ids) {
  const filter = ids.length <= 150 ? ids.map((id) => app.pb.filter('id = {:id}', { id })).join(' || ') : ''
  const users = ids.length ? await app.pb.collection(collection).getFullList({ filter, fields: 'id,name,email', requestKey: 'sync.users' }) : []
  return new Map(users.map((u) => [u.id, u.name || u.email]))
}

function page() {
  app.store.title = 'Sync'
  const data = store({ devices: [], names: new Map(), schema: '', v: 0, loading: true, failed: '' })

  async function load() {
    data.loading = true
    data.failed = ''
    try {
      const reply = await app.pb.send('/api/sync/devices', { requestKey: 'sync.devices' })
      const names = await namesOf(reply.users, [...new Set(reply.devices.map((d) => d.user))])
      Object.assign(data, { devices: inOrder(reply.devices), names, schema: reply.schema, v: reply.v, loading: false })
    } catch (e) {
      if (!e.isAbort) Object.assign(data, { failed: e.message, loading: false })
    }
  }

  /** A phone that is newer than the server does not exist: the server hands out the app. */
  const older = (d) => (d.v < data.v ? 'older protocol' : d.schema && d.schema !== data.schema ? 'older schema' : '')
  const time = (at) => t.span({ className: 'txt-nowrap', title: at }, at ? `${ago(at)} ago` : 'never')
  const mark = (tone, text) => t.span({ className: `label sm ${tone}` }, text)
  const count = (n, tone = '') => t.td({ className: 'min-width' }, n && tone ? mark(tone, String(n)) : t.span({ className: n ? '' : 'txt-hint' }, String(n)))

  function row(d) {
    const name = data.names.get(d.user)
    return t.tr(
      { rid: d.user + d.device },
      t.td(
        {},
        t.div({}, t.strong({}, name || d.user)),
        t.small({ className: 'txt-hint txt-code' }, d.device),
        silent(d) ? t.div({}, mark('danger', `Silent for ${ago(d.seen)} with unsent work`)) : '',
      ),
      t.td(
        {},
        t.div({}, d.app || '–'),
        t.small({ className: 'txt-hint' }, `protocol ${d.v}, schema ${d.schema || '–'}`),
        older(d) ? t.div({}, mark('warning', older(d))) : '',
      ),
      t.td({}, time(d.seen)),
      t.td({}, time(d.pushed)),
      t.td({}, time(d.pulled)),
      t.td(
        { className: 'min-width' },
        d.unsent ? mark(silent(d) ? 'danger' : 'warning', String(d.unsent)) : t.span({ className: 'txt-hint' }, '0'),
        d.unsent && d.oldest ? t.div({}, t.small({ className: 'txt-hint', title: d.oldest }, `oldest ${ago(d.oldest)}`)) : '',
      ),
      t.td({ className: 'min-width' }, `${d.decided} of ${d.last}`),
      count(d.rejected),
      count(d.escrowed),
      count(d.open, 'warning'),
      count(d.diverged, 'warning'),
      count(d.lost, 'danger'),
      count(d.restored),
    )
  }

  const columns = [
    ['User and device', 'Whose phone or browser it is, and its id'],
    ['Version', 'Of the app, of the sync protocol, and of the declared columns'],
    ['Last contact', ''], ['Last push', 'Work was sent'], ['Last pull', 'Rows were fetched'],
    ['Unsent', 'Work that the device itself reports as not sent'],
    ['Decided', 'Mutations the server has decided, of those the device has numbered'],
    ['Rejected', 'Refused, with the text kept until a person has dealt with it'],
    ['Escrowed', 'Not this user’s to do any more: kept here for whoever tends it'],
    ['Open', 'Rejected or escrowed, and still waiting for a person'],
    ['Diverged', 'Buckets that did not hold what they should, and were fetched anew'],
    ['Lost', 'Numbered by a store that the browser threw away before they were sent'],
    ['Restored', 'Times the device found that this server was put back from a backup'],
  ]

  const said = () => {
    if (data.failed) return `The devices could not be fetched: ${data.failed}`
    if (data.loading && !data.devices.length) return 'Fetching the devices'
    if (!data.devices.length) return 'No device has synced yet.'
    const quiet = data.devices.filter(silent).length
    const open = data.devices.reduce((sum, d) => sum + d.open, 0)
    return [
      data.devices.length < 1000 ? `${data.devices.length} devices` : 'The 1,000 devices last seen',
      quiet ? `${quiet} silent with unsent work` : 'none silent with unsent work',
      open ? `${open} waiting for a person` : 'nothing waiting for a person',
    ].join(' · ')
  }

  return t.div(
    { pbEvent: 'pageSync', className: 'page', onmount: load },
    t.div(
      { className: 'page-content full-height' },
      t.header(
        { className: 'page-header' },
        t.nav({ className: 'breadcrumbs' }, t.div({ className: 'breadcrumb-item' }, () => app.store.title)),
        app.components.refreshButton({ className: 'btn sm transparent secondary circle', onclick: load }),
      ),
      t.div({ className: 'm-b-sm', role: 'status' }, said),
      t.div(
        { className: 'page-table-wrapper', tabIndex: 0, role: 'region', ariaLabel: 'Devices', hidden: () => !data.devices.length },
        t.table(
          {},
          t.thead({}, t.tr({}, ...columns.map(([label, title]) => t.th({ scope: 'col', title }, label)))),
          t.tbody({}, () => data.devices.map(row)),
        ),
      ),
      t.footer({ className: 'page-footer' }, app.components.credits()),
    ),
  )
}

app.routes.superuserOnly('#/sync', page)
app.store.headerLinks.push({ href: '#/sync', icon: 'ri-smartphone-line', label: 'Sync' })
