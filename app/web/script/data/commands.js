// The requests of this page as lines to copy, for a shell and for Python.

const shell = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
const base = () => new URL(".", document.baseURI).href.replace(/\/$/, "");

/** Lines that send a CSV, which stands in a file. */
export function trainLines(path, file) {
  const url = `${base()}/${path}`;
  return {
    curl: `curl -s --data-binary @${shell(file)} -H 'Content-Type: text/csv' ${shell(url)}`,
    Python: `import requests\n\nwith open(${JSON.stringify(file)}, "rb") as table:\n    answer = requests.post(\n        ${JSON.stringify(url)},\n        data=table,\n        headers={"Content-Type": "text/csv"},\n    )\nprint(answer.json())`,
  };
}

/** Lines that send JSON. */
export function jsonLines(method, path, body) {
  const [url, json] = [`${base()}/${path}`, JSON.stringify(body)];
  const verb = method === "POST" ? "" : ` -X ${method}`;
  return {
    curl: `curl -s${verb} -H 'Content-Type: application/json' -d ${shell(json)} ${shell(url)}`,
    Python: `import requests\n\nanswer = requests.${method.toLowerCase()}(${JSON.stringify(url)}, json=${python(body)})\nprint(answer.json())`,
  };
}

/** Lines that save what the service answers. */
export function downloadLines(path, file) {
  const url = `${base()}/${path}`;
  return {
    curl: `curl -s -o ${shell(file)} ${shell(url)}`,
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
