/**
 * Writes `docs/spec/directory-api.md` from the table of routes and the limits: `scripts/directory-api.ts` writes,
 * `scripts/directory-api.ts --check` only compares. The prose stands here, what can change with the code does not.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

// As `source.mjs` has it: the packages run from their sources.
await import(new URL('./source.mjs', import.meta.url).href)
const { ROUTES } = await import('../packages/node/src/server/routes/table.ts')
const { DEFAULT_LIMITS } = await import('../packages/node/src/server/limits.ts')

const path = join(import.meta.dirname, '../docs/spec/directory-api.md')

const HEAD = `# Interface of a directory operator

What an operator answers to over HTTP and WebSocket. Made by \`scripts/directory-api.ts\` from the table that the server serves;
the codecs that are named are those of \`tallystick/models\` and \`tallystick/kernel\`, written as [encoding.md](encoding.md) says.

## Requests

Bodies have the content type \`application/vnd.tallystick\`, exactly so, and are the canonical bytes of the named codec. Answers
are such bytes too, or JSON where that is said. Ids in paths and queries are 64 lower-case hexadecimal digits, numbers are
decimal digits without sign or leading zeros.

Every request but those of the tier *open* carries \`Authorization: Bearer TOKEN\`. A token allows to *read*, or to *submit* and read.
\`Host\` has to be 127.0.0.1, localhost or [::1] with the port, or a name that the operator was started with. A request with an
\`Origin\` is refused: web pages are not answered, and there are no headers of CORS.

Each request costs units of the purse of its token, and of its address unless that is this machine's own; the table says how many.
An empty purse is answered 429 with \`Retry-After\`. Bodies cost by length where a second number stands.

A refusal is JSON, \`{"fault": {"code", "message", "place"}}\`, with a status of 400 to 499; codes are explained in
[faults.md](../faults.md). 503 says that the operator cannot do it now. 500 says that it failed and nothing more.

| status | when |
|---|---|
| 400 | what was sent cannot be read or does not hold |
| 401, 403 | no token, a token that allows less, another host, a web page |
| 404 | there is no such thing here |
| 409 | refused for what is here already: a frozen key, a full inbox |
| 413, 415 | too large, another content type |
| 429, 503 | later |

`

const FOLLOW = `## Following

\`GET /v1/follow\` with an upgrade to WebSocket and the same headers; tier read. Frames are binary, one value each: \`followRequest\`
towards the operator, \`followEvent\` from it (\`packages/tallystick/src/models/directory/follow.ts\`). A subscription names a machine and
the lowest sequence number that is still wanted, or an inbox and the lowest index. It is told everything from there on, in order and
once; \`level\` says that all that was there has been told. Who comes back subscribes with the cursor it has got to. A certificate
that comes later is told for the 64 newest steps that were told without one; older ones are found by asking for the steps again.

The operator closes a socket with 1007 for what is no frame, 1008 for a break of the rules, 1009 for a frame that is too large,
1013 when it should come back later, 1001 when it stops. Who leaves too much unread is cut off.

`

const LIMITS_HEAD = `## Limits

Of a process as it is started by \`tally serve directory\`; bytes, milliseconds and counts. The reasons stand in
\`packages/node/src/server/limits.ts\`.

| limit | value |
|---|---|
`

const routeRows = (): string =>
  ROUTES.map((route) => {
    const cost =
      route.costPerKb === undefined ? `${route.cost}` : `${route.cost} + ${route.costPerKb}/KiB`
    const body = route.body
      ? `${route.body.codec}${route.body.bytesMax === undefined ? '' : `, up to ${route.body.bytesMax} bytes`}`
      : '–'
    const query = Object.entries(route.query ?? {})
      .map(([name, what]) => `\`${name}\`: ${what}`)
      .join('; ')
    return [
      `### ${route.method} ${route.path}`,
      '',
      route.what,
      '',
      `| tier | cost | body | answer |`,
      '|---|---|---|---|',
      `| ${route.tier} | ${cost} | ${body} | ${route.answer} |`,
      ...(query === '' ? [] : ['', `Query: ${query}.`]),
      '',
    ].join('\n')
  }).join('\n')

const limitRows = (): string =>
  Object.entries(DEFAULT_LIMITS)
    .map(([name, value]) => `| ${name} | ${value} |`)
    .join('\n')

const wanted = `${HEAD}## Routes\n\n${routeRows()}\n${FOLLOW}${LIMITS_HEAD}${limitRows()}\n`
const isThere = ((): boolean => {
  try {
    return readFileSync(path, 'utf8') === wanted
  } catch {
    return false
  }
})()

if (!isThere && process.argv.includes('--check')) {
  console.log(
    'docs/spec/directory-api.md is not what the routes say; node_modules/.bin/node scripts/directory-api.ts writes it',
  )
  process.exitCode = 1
} else if (!isThere) {
  writeFileSync(path, wanted)
}
