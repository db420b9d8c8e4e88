/** Colours of code on a dark ground. */
import { HighlightStyle } from "@codemirror/language";
import { tags } from "@lezer/highlight";

export const darkHighlight = HighlightStyle.define([
  { tag: tags.keyword, color: "#c39bff" },
  { tag: [tags.string, tags.special(tags.string)], color: "#8fd694" },
  { tag: [tags.number, tags.bool, tags.null], color: "#f0b352" },
  { tag: tags.comment, color: "#98a2b3", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.definition(tags.variableName)], color: "#86c5ff" },
  { tag: [tags.typeName, tags.className], color: "#54c7c7" },
  { tag: tags.meta, color: "#ff9e8f" },
]);
