import { describe } from 'vitest'
import { testStores } from '#support/stores.ts'
import { storeConformance } from './conformance/all.ts'

describe.each(testStores)('by the driver $name', ({ open }) => storeConformance(open))
