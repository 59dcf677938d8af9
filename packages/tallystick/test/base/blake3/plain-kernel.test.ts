import { createPlainKernel } from '../../../src/base/blake3/plain-kernel.ts'
import { kernelContract } from './kernel-contract.ts'

kernelContract('the plain kernel', createPlainKernel)
