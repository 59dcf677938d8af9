import { createWasmKernel } from '../../../src/base/blake3/wasm-kernel.ts'
import { kernelContract } from './kernel-contract.ts'

kernelContract('the wasm kernel', createWasmKernel)
