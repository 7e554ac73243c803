// What a reader can see of the page's texts: where each line of them stands, and how it stands out.
(() => {
  const channels = (color) => {
    const numbers = color.match(/^rgba?\(([^)]+)\)$/);
    if (!numbers) throw new Error(`A color that this test cannot read: ${color}`);
    const [red, green, blue, alpha = 1] = numbers[1].split(/[\s,/]+/).map(Number);
    return { rgb: [red, green, blue], alpha };
  };
  const over = ({ rgb, alpha }, below) => rgb.map((part, at) => alpha * part + (1 - alpha) * below[at]);
  const luminance = (rgb) => {
    const [red, green, blue] = rgb.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ancestors = (element) => (element ? [element, ...ancestors(element.parentElement)] : []);
  // Papers lie on one another, the outermost below; a label may stand outside of what holds it.
  const paper = (chain, x, y) => chain.reduceRight((below, each) => {
    const { left, right, top, bottom } = each.getBoundingClientRect();
    const here = each === document.body || (left <= x && x <= right && top <= y && y <= bottom);
    return here ? over(channels(getComputedStyle(each).backgroundColor), below) : below;
  }, [255, 255, 255]);

  window.contrast = (color, element, x, y, opacity = 1) => {
    const below = paper(ancestors(element), x, y);
    const { rgb, alpha } = channels(color);
    const [dark, light] = [over({ rgb, alpha: alpha * opacity }, below), below]
      .map(luminance).sort((one, other) => one - other);
    return (light + 0.05) / (dark + 0.05);
  };

  window.texts = () => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!node.data.trim() || !element.checkVisibility({ visibilityProperty: true })) continue;
      const chain = ancestors(element);
      const styles = chain.map((each) => getComputedStyle(each));
      if (styles.some((style) => style.clipPath !== "none")) continue; // for those who listen
      const [own] = styles;
      const size = parseFloat(own.fontSize);
      const large = size >= 24 || (size >= 18.66 && Number(own.fontWeight) >= 700);
      const color = element instanceof SVGElement ? own.fill : own.color;
      const opacity = styles.reduce((product, style) => product * Number(style.opacity), 1);
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const { left, right, top, bottom, width } of range.getClientRects()) {
        if (!width) continue;
        found.push({
          text: node.data.trim(), left, right, needed: large ? 3 : 4.5,
          contrast: window.contrast(color, element, (left + right) / 2, (top + bottom) / 2, opacity),
          scrolls: chain.some((each, at) =>
            /auto|scroll/.test(styles[at].overflowX) && each.scrollWidth > each.clientWidth),
        });
      }
    }
    return found;
  };

  window.unfold = () => { for (const fold of document.querySelectorAll("details")) fold.open = true; };
})();
