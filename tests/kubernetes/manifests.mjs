// manifests.mjs - renders a folder with kustomize, and finds things in what comes out.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import * as yaml from 'js-yaml'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
const folder = path.join(root, 'deploy/kubernetes')
const kubectl = path.join(root, 'tests/kubernetes/node_modules/.bin/kubectl')

// What is applied, rather than a part of it: "overlays/dind", "examples/sidecar", ...
export function manifestNames() {
  return ['overlays', 'examples'].flatMap((kind) =>
    fs.readdirSync(path.join(folder, kind)).map((name) => `${kind}/${name}`)).sort()
}

export function render(name) {
  const text = execFileSync(kubectl, ['kustomize', path.join(folder, name)], { encoding: 'utf8' })
  const documents = yaml.loadAll(text).filter(Boolean)
  documents.filter(({ kind }) => kind === 'Secret').forEach(unwrap)
  return new Manifest(name, documents)
}

// Kustomize breaks base64 into lines: an API server takes that, the schema of `byte` does not.
function unwrap({ data }) {
  for (const name of Object.keys(data)) data[name] = data[name].replace(/\s/g, '')
}

export class Manifest {
  constructor(name, documents) {
    this.name = name
    this.documents = documents
  }

  clone() {
    return new Manifest(this.name, structuredClone(this.documents))
  }

  all(kind) {
    return this.documents.filter((document) => document.kind === kind)
  }

  one(kind) {
    return this.all(kind)[0]
  }

  // The workload that runs Mayfly: every manifest has exactly one.
  get workload() {
    return this.documents.find((document) => document.metadata.labels?.mayfly === 'pod')
  }

  get template() {
    return this.workload.spec.template
  }

  get pod() {
    return this.template.spec
  }

  // In the order of their start.
  get containers() {
    return [...(this.pod.initContainers ?? []), ...this.pod.containers]
  }

  container(name) {
    return this.containers.find((container) => container.name === name)
  }

  volume(name) {
    return this.pod.volumes.find((volume) => volume.name === name)
  }

  // As the container will see it: an object of name and text.
  environment(container) {
    const fromMaps = (container.envFrom ?? []).map((source) => {
      const map = this.all('ConfigMap').find((each) => each.metadata.name === source.configMapRef?.name)
      if (!map) throw new Error(`${container.name}: envFrom names no ConfigMap of this manifest`)
      return map.data
    })
    const own = (container.env ?? []).map(({ name, value }) => [name, value ?? ''])
    return Object.assign({}, ...fromMaps, Object.fromEntries(own))
  }
}

export const mounts = (container, volume) =>
  (container.volumeMounts ?? []).filter((mount) => mount.name === volume)
