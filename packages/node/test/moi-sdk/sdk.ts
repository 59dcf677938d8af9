/**
 * MOI's own client as npm has it. In this workspace npm puts its packages beside a newer `@noble/hashes`, which two of
 * them (`js-moi-utils`, `js-moi-asset`) use without asking for it; in an empty folder they find the 1.8 that the others
 * ask for. The hook gives them that one. No byte of the client is changed.
 */
import { createRequire, registerHooks } from 'node:module'
import type { Sdk } from './sdk-types.ts'

const load = createRequire(import.meta.url)
const beside = createRequire(load.resolve('js-moi-signer'))

registerHooks({
  resolve: (specifier, context, next) => {
    const isAsked = /\/node_modules\/js-moi-(?:utils|asset)\//.test(context.parentURL ?? '')
    if (!isAsked || !specifier.startsWith('@noble/hashes')) return next(specifier, context)
    return next(beside.resolve(specifier), context)
  },
})

export const loadSdk = (): Sdk => load('js-moi-sdk') as Sdk
