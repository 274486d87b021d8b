// The requests of this page as lines to copy: for curl, for Python, and for the command line of the service.

const shell = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
const base = () => new URL(".", document.baseURI).href.replace(/\/$/, "");

/** Return a line of the service's command line; options without a value are left out. */
function command(name, file, options) {
  const words = Object.entries({ ...options, url: base() }).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return ["scorecast", name, ...(file ? [shell(file)] : []), ...words.map(([option, value]) => `--${option} ${plain(value)}`)].join(" ");
}

const plain = (value) => (/^[\w.,:/=-]+$/.test(String(value)) ? String(value) : shell(String(value)));

/** Lines that train a model with a CSV, which stands in a file. `parameters` are those of the path's query. */
export function trainLines(path, file, model, { targets, ignore, categories, ...others }) {
  const url = `${base()}/${path}`;
  return {
    curl: `curl -s --data-binary @${shell(file)} -H 'Content-Type: text/csv' ${shell(url)}`,
    "command line": [command("train", file, { model, target: targets, ignore, categories }), ...settings(others)].join(" "),
    Python: `import requests\n\nwith open(${JSON.stringify(file)}, "rb") as table:\n    answer = requests.post(\n        ${JSON.stringify(url)},\n        data=table,\n        headers={"Content-Type": "text/csv"},\n    )\nprint(answer.json())`,
  };
}

const settings = (others) => Object.entries(others).filter(([, value]) => value).map(([name, value]) => `--set ${plain(`${name}=${value}`)}`);

/** Lines that ask one row. */
export function askLines(path, row, model, version, coverage) {
  const file = "row.json";
  const line = command("predict", file, { model, version, coverage });
  return { ...jsonLines("POST", path, row), "command line": `printf '%s' ${shell(JSON.stringify(row))} > ${file}\n${line} --json` };
}

/** Lines that have another version answer. */
export const rollbackLines = (path, model, version) => ({ ...jsonLines("PUT", path, { model_version: version }), "command line": command("rollback", null, { model, version }) });

/** Lines that send JSON. */
function jsonLines(method, path, body) {
  const [url, json] = [`${base()}/${path}`, JSON.stringify(body)];
  const verb = method === "POST" ? "" : ` -X ${method}`;
  return {
    curl: `curl -s${verb} -H 'Content-Type: application/json' -d ${shell(json)} ${shell(url)}`,
    Python: `import requests\n\nanswer = requests.${method.toLowerCase()}(${JSON.stringify(url)}, json=${python(body)})\nprint(answer.json())`,
  };
}

/** Lines that save what the service answers. */
export function downloadLines(path, file, model, version) {
  const url = `${base()}/${path}`;
  return {
    curl: `curl -s -o ${shell(file)} ${shell(url)}`,
    "command line": command("export", null, { model, version, output: file }),
    Python: `import requests\n\nwith open(${JSON.stringify(file)}, "wb") as file:\n    file.write(requests.get(${JSON.stringify(url)}).content)`,
  };
}

const python = (value) => {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${python(each)}`).join(", ")}}`;
  return JSON.stringify(value);
};
