/**
 * Writes `docs/spec/moi-rpc.md` from the table of methods, the reasons for refusals and the limits: `scripts/moi-rpc.ts` writes,
 * `scripts/moi-rpc.ts --check` only compares. The prose stands here, what can change with the code does not.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

// As `source.mjs` has it: the packages run from their sources.
await import(new URL('./source.mjs', import.meta.url).href)
const { METHODS } = await import('../packages/node/src/guardian/methods/table.ts')
const { GUARDIAN_LIMITS } = await import('../packages/node/src/guardian/limits.ts')
const { RPC_REASONS } = await import('../packages/node/src/guardian/rpc/error.ts')

const path = join(import.meta.dirname, '../docs/spec/moi-rpc.md')

const HEAD = `# Interface of a guardian of MOI

What a guardian answers to, made by \`scripts/moi-rpc.ts\` from the table that it serves. It is the interface that MOI's own client,
\`js-moi-sdk\` 0.7.1, calls; where MOI's documentation and its client differ, the client is what was followed.

## Calls

JSON-RPC 2.0: \`POST /\` with the content type \`application/json\`, or a text frame over WebSocket on the same port, one call each.
\`params\` is a list of one object, or of \`null\` where nothing is said; where the words below say *positions*, it is a list of these. The
\`id\` comes back as it came, a text or a whole number; a call without one is done and not answered. JSON is read in one way: no name twice
in an object, no fractions, no numbers beyond 2^53 − 1. Members that a method does not know are passed over.

Identifiers and hashes are \`0x\` and 64 hexadecimal digits, quantities \`0x\` and hexadecimal digits without zeros in front. Both are
read in either case, bytes also without \`0x\`.

\`options\` says which tesseract of an account is meant: \`{"tesseract_number": n}\`, where 0 is its first and -1 its latest, or
\`{"tesseract_hash": hash}\` of one with which it moved. Answers about the past are those that were given then.

A refusal is \`{"code", "message", "data": {"reason", "detail"}}\`. The message is MOI's where a real node's is known. \`reason\` is one of
the table below, \`detail\` says more where there is more. HTTP answers 200 also to a refused call; 403 to a page from elsewhere or a name
that is not the guardian's, 413 to a body that is too large, 415 to another content type.

A page may call from this machine (localhost, 127.0.0.1, [::1]) or from an origin that the guardian was started with (\`--origin\`); it is
answered with the headers of CORS. \`Host\` has to be a name of this machine with the port, or one from \`--host-name\`.

Every call costs units; each connection has a purse of them that fills again with time. A call to \`moi.Call\` or \`moi.FuelEstimate\` costs also
what it burns, a unit for so much fuel, afterwards. The costs stand below, the purse among the
limits. \`GET /healthz\` and \`/readyz\` say whether the process lives and takes work, \`/metrics\` is answered to this machine alone.

`

const SHAPES = `## Shapes

**Receipt**: \`ix_hash\`, \`status\` (0 done, 1 reverted, 2 out of fuel), \`fuel_used\`, \`ix_operations\`, \`from\`, \`ix_index\`, \`ts_hash\`,
\`participants\`. Each operation has its number twice, as \`tx_type\` in hexadecimal, which MOI's client reads, and as \`ix_type\`; a
\`status\` (0 done, 1 exception, 2 defect); \`data\`; and \`logs\`. \`data\` of an asset's creation has \`asset_id\`, \`address\` and \`id\`; of an
asset's action and of a logic's invocation or enlisting \`outputs\` and \`error\`; of a deployment \`logic_id\` and \`error\`; of the others
nothing that a client needs. \`0x\` stands for nothing.

**Interaction**: \`sender\` (\`id\`, \`sequence_id\`, \`key_id\`), \`payer\` (32 zeros for none), \`fuel_price\`, \`fuel_limit\`, \`funds\`,
\`ix_operations\` with \`type\` and the \`payload\`'s fields by name, \`preferences\`, \`perception\`, \`locks\` (the participants as they were
signed), \`hash\`, \`signature\` (all signatures in POLO), \`signatures\`, \`ts_hash\`, \`participants\`, \`ix_index\`, \`nonce\`.

**Tesseract**: \`participants\`, \`interactions_hash\`, \`receipts_hash\`, \`epoch\`, \`time_stamp\` (seconds), \`operator\`, \`fuel_used\`,
\`fuel_limit\`, \`consensus_info\`, \`seal\`, \`hash\`, \`ixns\`. A tesseract holds one interaction. There is one guardian: of the fields about
a committee there are its seal, in \`commit_signature\` and \`seal\`, and a vote set in which it stands alone, when
\`with_commit_info\` asks for them; the others are empty.

**Participant** of a tesseract: \`address\` and \`id\`, \`height\`, \`transitive_link\` (the tesseract with which the account moved before),
\`prev_context\`, \`latest_context\`, \`context_delta\`, \`state_hash\`. An account that was only looked at has the height at which it stood,
and its state hash is 32 zeros: it did not move.

**Log**: \`id\` (the account on which it was told), \`topics\`, \`data\` (POLO), \`ix_hash\`, \`ts_hash\`, \`participants\`.

`

const LIMITS_HEAD = `## Limits

Of a process as it is started by \`tally serve guardian\`; bytes, milliseconds and counts. The reasons stand in
\`packages/node/src/guardian/limits.ts\`.

| limit | value |
|---|---|
`

const methodRows = (): string =>
  METHODS.map((method) => {
    const cost =
      method.costPerKb === undefined ? `${method.cost}` : `${method.cost} + ${method.costPerKb}/KiB`
    const where = method.isDev === true ? ' Nodes for development alone have it.' : ''
    const params = Object.entries(method.params).map(
      ([name, of]) =>
        `| ${method.isPositional === true ? `position ${name}` : `\`${name}\``} | ${of.form}${of.isOptional ? ', may be missing' : ''} | ${of.what} |`,
    )
    const errors = (method.errors ?? []).map((reason) => `\`${reason}\``).join(', ')
    return [
      `### ${method.name}`,
      '',
      `${method.what}${where}`,
      '',
      ...(params.length === 0
        ? []
        : ['| parameter | form | what |', '|---|---|---|', ...params, '']),
      `Result: ${method.result}. Cost: ${cost}.${errors === '' ? '' : ` Refusals: ${errors}.`}`,
      '',
      `    {"jsonrpc":"2.0","id":1,"method":"${method.name}","params":${JSON.stringify(method.example)}}`,
      '',
    ].join('\n')
  }).join('\n')

const reasonRows = (): string =>
  Object.entries(RPC_REASONS)
    .map(([reason, { code, text }]) => `| \`${reason}\` | ${code} | ${text} |`)
    .join('\n')

const limitRows = (): string =>
  Object.entries(GUARDIAN_LIMITS)
    .map(([name, value]) => `| ${name} | ${value} |`)
    .join('\n')

const REASONS_HEAD = `## Refusals

| reason | code | message, where there is no better one |
|---|---|---|
`

const wanted = `${HEAD}${REASONS_HEAD}${reasonRows()}\n\n${SHAPES}## Methods\n\n${methodRows()}\n${LIMITS_HEAD}${limitRows()}\n`
const isThere = ((): boolean => {
  try {
    return readFileSync(path, 'utf8') === wanted
  } catch {
    return false
  }
})()

if (!isThere && process.argv.includes('--check')) {
  console.log(
    'docs/spec/moi-rpc.md is not what the methods say; node_modules/.bin/node scripts/moi-rpc.ts writes it',
  )
  process.exitCode = 1
} else if (!isThere) {
  writeFileSync(path, wanted)
}
