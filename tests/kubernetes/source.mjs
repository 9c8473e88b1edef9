// source.mjs - what the manifests must agree with, read from the sources of the gateway.
import fs from 'node:fs'
import path from 'node:path'
import { root } from './manifests.mjs'

const read = (name) => fs.readFileSync(path.join(root, name), 'utf8')

function defined(name, ...files) {
  const found = files.map((file) => new RegExp(`#define ${name} "?([^"\\s]+)`).exec(read(file))).find(Boolean)
  if (!found) throw new Error(`${name} is not defined in ${files}`)
  return found[1]
}

// The rows of the table of settings: name and default; undefined where that is computed.
function settingsTable() {
  const table = new Map()
  const rows = /\{"([A-Z_]+)",\s*SETTING_\w+,\s*FIELD\([^)]*\),\s*(?:"([^"]*)")?/g
  for (const [, name, fallback] of read('gateway/common/config_table.c').matchAll(rows)) table.set(name, fallback)
  if (table.size < 20) throw new Error('the table of settings was not understood')
  return table
}

export const settings = settingsTable()
export const version = defined('MAYFLY_VERSION', 'gateway/common/version.h')
export const removalMs = Number(defined('REMOVAL_DEADLINE_MS', 'gateway/broker/broker.c'))
export const drainMarginMs = Number(defined('DRAIN_MARGIN_MS', 'gateway/common/config_table.c'))
export const uidBlockSize = Number(defined('CONFIG_UID_BLOCK_SIZE', 'gateway/common/config.h'))

const units = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 }

// "64MiB" and "64Mi" and "67108864" alike.
export function bytes(text) {
  const [, number, unit] = /^(\d+)([A-Za-z]*)$/.exec(text) ?? []
  if (!number || !(unit in units)) throw new Error(`"${text}" is no number of bytes`)
  return number * units[unit]
}

// The setting's text as this environment gives it, or its default.
export function setting(environment, name) {
  return environment[name] || settings.get(name)
}

export function drainMs(environment) {
  return Number(setting(environment, 'MAYFLY_DRAIN_MS') ??
    Number(setting(environment, 'MAYFLY_MAX_TIMEOUT_MS')) + drainMarginMs)
}
