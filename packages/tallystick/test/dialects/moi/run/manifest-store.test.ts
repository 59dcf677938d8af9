import { describe, expect, it } from 'vitest'
import { createDraft } from '../../../../src/dialects/moi/run/draft.ts'
import { manifestPath } from '../../../../src/dialects/moi/run/layout.ts'
import {
  manifestOf,
  programOf,
  putManifest,
  readManifestOf,
  statesOf,
} from '../../../../src/dialects/moi/run/manifest-store.ts'
import { fields, literal, manifest, routine, state } from './sketch.ts'
import { ada, KMOI } from './town.ts'

/** Of about so many bytes, by a long literal. */
const ofSize = (bytes: number): Uint8Array =>
  manifest(
    [literal(0, 'string', `0x06${'61'.repeat(bytes)}`), routine(1, 'Run', ['DEST'])],
    'logic',
  )

const draftOf = () =>
  createDraft({ read: () => undefined, locks: new Map([[ada.id, 'mutate']]), isQuestion: false })

describe('a manifest in the state', () => {
  it.each([1, 4096 - 150, 4096, 20_000])('of about %d bytes comes back as it was', (size) => {
    const draft = draftOf()
    const bytes = ofSize(size)
    const program = putManifest(draft, ada.id, bytes, readManifestOf(bytes, 'logic'))
    expect(manifestOf(draft.read, ada.id)).toEqual(bytes)
    expect(programOf(draft.read, ada.id)).toBe(program)
    const parts = Math.ceil(bytes.length / 4096)
    expect(draft.read(ada.id, manifestPath(parts - 1))).toBeDefined()
    expect(draft.read(ada.id, manifestPath(parts))).toBeUndefined()
  })

  it('is not there where none was put', () => {
    const draft = draftOf()
    expect(manifestOf(draft.read, ada.id)).toBeUndefined()
    expect(() => programOf(draft.read, ada.id)).toThrow('no logic is deployed there')
    expect(() => programOf(draft.read, KMOI)).toThrow('no participant')
  })

  it('has the kind that is asked for', () => {
    expect(() => readManifestOf(ofSize(1), 'asset')).toThrow('its kind is logic')
    expect(() => readManifestOf(Uint8Array.of(1), 'logic')).toThrow('invalid manifest')
  })

  it('says which states its logic keeps', () => {
    const of = (...modes: readonly ('logic' | 'actor')[]) =>
      statesOf(
        readManifestOf(
          manifest(
            modes.map((mode, ptr) => state(ptr, mode, fields('x u64'))),
            'logic',
          ),
          'logic',
        ),
      )
    expect(of()).toEqual({ hasLogicState: false, hasActorState: false })
    expect(of('logic')).toEqual({ hasLogicState: true, hasActorState: false })
    expect(of('actor', 'logic')).toEqual({ hasLogicState: true, hasActorState: true })
  })

  it('with code that is none is refused', () => {
    const bytes = manifest([routine(0, 'Run', ['NOTHING $0'])], 'logic')
    expect(() => putManifest(draftOf(), ada.id, bytes, readManifestOf(bytes, 'logic'))).toThrow(
      'invalid manifest',
    )
  })
})
