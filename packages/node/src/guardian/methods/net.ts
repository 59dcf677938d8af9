/** Methods about the node itself, and the faucet that nodes for development have. */
import { rpcError } from '../rpc/error.ts'
import { method, type Method } from '../rpc/method.ts'
import { hexBytes, identifier, maybe, number, withDefault } from '../rpc/param.ts'
import type { GuardianContext } from './context.ts'

const ID = `0x00000000${'1a'.repeat(24)}00000000`

const peers = method({
  name: 'net.Peers',
  what: 'Guardians that this one is connected to. There is one guardian, so there is none.',
  params: {},
  result: 'list of KramaIDs',
  example: [null],
  cost: 1,
  run: async () => [],
})

const version = method({
  name: 'net.Version',
  what: 'The version of the network’s rules, which its charter names.',
  params: {},
  result: 'text',
  example: [null],
  cost: 1,
  run: async (context: GuardianContext) => context.version,
})

const info = method({
  name: 'net.Info',
  what: 'Who this guardian is.',
  params: {},
  result: '`krama_id`',
  example: [null],
  cost: 1,
  run: async ({ kramaId }: GuardianContext) => ({ krama_id: kramaId }),
})

/** What a call to the faucet gives. */
const GIFT = 1_000_000n

const faucet = method({
  name: 'dev.Faucet',
  what: 'Gives KMOI to an account, or makes a participant of a public key and gives it KMOI.',
  params: {
    id: maybe(identifier('the account, where it exists')),
    public_key: maybe(
      hexBytes('a compressed key of secp256k1, of a participant who does not exist yet'),
    ),
    amount: withDefault(number('how much'), GIFT),
  },
  result: 'hash of the interaction that does it',
  example: [{ id: ID, amount: '0xf4240' }],
  errors: ['unknown-account', 'refused'],
  cost: 200,
  isDev: true,
  run: async (context: GuardianContext, args) => {
    if (!context.faucet) throw rpcError('unknown-method')
    const { id, public_key: publicKey, amount } = args
    if ((id === undefined) === (publicKey === undefined)) {
      throw rpcError('bad-params', 'invalid params: either id or public_key')
    }
    return `0x${await context.faucet({ id, publicKey, amount })}`
  },
})

export const NET_METHODS: readonly Method<GuardianContext>[] = [peers, version, info, faucet]
