// check.mjs - renders every overlay and example, and prints what is wrong with them. Exit code 1 when anything is.
import * as clusterRules from './cluster_rules.mjs'
import { manifestNames, render } from './manifests.mjs'
import * as podRules from './pod_rules.mjs'
import * as schema from './schema.mjs'

export const rules = { ...schema, ...podRules, ...clusterRules }

// The other rules take for granted that a document is what its schema says.
export async function breaches(manifest) {
  const found = []
  for (const [rule, check] of Object.entries(rules)) {
    if (!(rule in schema) && found.some((breach) => breach.rule in schema)) break
    for (const sentence of await check(manifest)) found.push({ rule, sentence })
  }
  return found
}

if (import.meta.url === `file://${process.argv[1]}`) {
  let count = 0
  for (const name of manifestNames()) {
    for (const { rule, sentence } of await breaches(render(name))) {
      console.log(`${name}: ${rule}: ${sentence}`)
      count++
    }
  }
  console.log(count ? `${count} breaches` : `${manifestNames().length} manifests, ${Object.keys(rules).length} rules: all hold`)
  process.exit(count ? 1 : 0)
}
