/* Elements made from data: text goes in as text, never as markup. */

/** element('a', { href: '#x', class: 'y' }, 'text', child): attributes that are null are left out. */
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value !== null && value !== undefined) {
      made.setAttribute(key, value);
    }
  }
  made.append(...children.filter(child => child !== null && child !== undefined));
  return made;
}

function byId(id) {
  return document.getElementById(id);
}

/** A table's row; the first cell is its header where `header` is 'row'. `labels`: what each cell is, for narrow windows. */
function tableRow(cells, header, labels) {
  return element('tr', {}, ...cells.map((cell, i) => {
    const isHeader = header === 'col' || (header === 'row' && i === 0);
    return element(isHeader ? 'th' : 'td', { scope: isHeader ? header : null, 'data-label': labels && i > 0 ? labels[i] : null },
      cell);
  }));
}

/** The text, which may go on in the next line after each part of a path or a name. */
function breakable(text) {
  const parts = text.split(/(?<=[A-Za-z0-9][_:.]|\/)(?=[^\/_:.\s])/);
  return element('span', {}, ...parts.flatMap((part, i) => (i === 0 ? [part] : [element('wbr'), part])));
}

/** The risk as a word with its colour. */
function riskMark(risk) {
  return element('span', { class: 'risk ' + riskNames[risk] }, riskNames[risk]);
}

/** One tab stop for a group of elements; arrow keys, Home and End move between them (the roving tabindex of the ARIA
    authoring practices). `keys`: which arrows step back and forth. */
function moveByArrows(container, selector, keys) {
  container.addEventListener('keydown', event => {
    const all = [...container.querySelectorAll(selector)];
    const at = all.indexOf(event.target);
    if (at < 0) {
      return;
    }
    const next = keys.forth.includes(event.key) ? Math.min(at + 1, all.length - 1)
      : keys.back.includes(event.key) ? Math.max(at - 1, 0)
        : event.key === 'Home' ? 0
          : event.key === 'End' ? all.length - 1 : -1;
    if (next < 0) {
      return;
    }
    event.preventDefault();
    all.forEach(one => one.setAttribute('tabindex', '-1'));
    all[next].setAttribute('tabindex', '0');
    all[next].focus();
  });
}
