// Finds what a person would mean: visible things of a kind, called by a name or holding some words,
// one place inside the other. arguments[0] is a list of {selector, name, by}, outermost first.
const words = (text) => (text ?? '').replace(/\s+/g, ' ').trim();
const letters = (text) => words(text).replaceAll(' ', '');

// Near enough to leave out what cannot be meant; the browser's own computation has the last word.
const roughName = (element) => {
  const labelledBy = element.getAttribute('aria-labelledby');
  if (labelledBy) {
    return labelledBy.split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? '').join(' ');
  }
  if (element.getAttribute('aria-label')) return element.getAttribute('aria-label');
  if (element.labels?.length) return [...element.labels].map((label) => label.textContent).join(' ');
  return element.textContent || element.value || element.title || element.placeholder || '';
};

const isSeen = (element) => element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });

const fits = (element, { name, by }) => {
  if (by === 'words') return words(element.textContent).includes(words(name));
  return letters(roughName(element)) === letters(name);
};

// Behind a modal dialog nothing can be reached.
const top = [...document.querySelectorAll('dialog:modal')].at(-1);
let places = [top ?? document];
const steps = arguments[0];
steps.forEach((step, at) => {
  const found = new Set();
  for (const place of places) {
    const candidates = [...place.querySelectorAll(step.selector)];
    if (at === 0 && top?.matches(step.selector)) candidates.push(top);
    for (const element of candidates) {
      if (fits(element, step) && isSeen(element)) found.add(element);
    }
  }
  // Words are said by the innermost thing that says them all.
  const all = [...found];
  const innermost = step.by === 'words' && all.filter((one) => !all.some((other) => other !== one && one.contains(other)));
  places = innermost || all;
});
return places;
