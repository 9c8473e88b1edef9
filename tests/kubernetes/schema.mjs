// schema.mjs - is each document one that an API server would take? Types, formats and required fields by one package,
// fields that do not exist by another: neither looks for both.
import * as client from '@kubernetes/client-node'

const customGroups = { 'monitoring.coreos.com': '@kubernetes-models/prometheus-operator' }

async function modelOf({ apiVersion, kind }) {
  const group = apiVersion.split('/')[0]
  const module = await import(`${customGroups[group] ?? 'kubernetes-models'}/${apiVersion}`).catch(() => ({}))
  return module[kind]
}

export async function wrongTypes({ documents }) {
  const breaches = []
  for (const document of documents) {
    const Model = await modelOf(document)
    try {
      if (!Model) throw new Error(`there is no such kind in ${document.apiVersion}`)
      new Model(document).validate()
    } catch (error) {
      breaches.push(`${document.kind}/${document.metadata?.name}: ${error.message}`)
    }
  }
  return breaches
}

// Walks a value beside the description of its type.
function* strangers(value, type, where) {
  if (value === null || typeof value !== 'object') return
  const item = /^Array<(.+)>$/.exec(type)?.[1]
  const entry = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1]
  if (item) {
    for (const [index, each] of value.entries()) yield* strangers(each, item, `${where}[${index}]`)
    return
  }
  if (entry) {
    for (const [key, each] of Object.entries(value)) yield* strangers(each, entry, `${where}.${key}`)
    return
  }
  const attributes = client[type]?.getAttributeTypeMap?.()
  if (!attributes) return
  for (const [key, each] of Object.entries(value)) {
    const attribute = attributes.find(({ baseName }) => baseName === key)
    if (attribute) yield* strangers(each, attribute.type, `${where}.${key}`)
    else yield `${where}.${key}: there is no such field`
  }
}

export function unknownFields({ documents }) {
  return documents.filter(({ apiVersion }) => !(apiVersion.split('/')[0] in customGroups)).flatMap((document) => {
    const version = document.apiVersion.split('/').pop()
    const type = version[0].toUpperCase() + version.slice(1) + document.kind
    const where = `${document.kind}/${document.metadata?.name}`
    return client[type] ? [...strangers(document, type, where)] : [`${where}: there is no type ${type}`]
  })
}
