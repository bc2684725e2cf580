#pragma once
// Debian's libxml2 draws in ICU's headers, which clash with those inside Foundation. What is left out is the end of a
// structure that is only used by its address.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/SAX2.h>
#include <libxml/parserInternals.h>
#include <string.h>

// The parsers call only what a caller sets: no tree is built, nothing is loaded, nothing is printed.

typedef void (*fil_xml_start_fn)(void *, const xmlChar *, const xmlChar **);
typedef void (*fil_xml_end_fn)(void *, const xmlChar *);
typedef void (*fil_xml_text_fn)(void *, const xmlChar *, int);

static inline void fil_xml_sinks(
    xmlParserCtxtPtr parser, void *context, fil_xml_start_fn start, fil_xml_end_fn end,
    fil_xml_text_fn text) {
  memset(parser->sax, 0, sizeof *parser->sax);
  parser->sax->initialized = 1;
  parser->sax->startElement = start;
  parser->sax->endElement = end;
  parser->sax->characters = text;
  parser->sax->ignorableWhitespace = text;
  parser->sax->cdataBlock = text;
  parser->userData = context;
}

// Without HUGE it gives up all text below 256 levels.
static inline xmlParserCtxtPtr fil_html_parser(const char *bytes, int count) {
  xmlParserCtxtPtr parser = htmlCreateMemoryParserCtxt(bytes, count);
  if (!parser) return NULL;
  htmlCtxtUseOptions(
      parser, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
                  HTML_PARSE_IGNORE_ENC | XML_PARSE_HUGE);
  xmlSwitchEncoding(parser, XML_CHAR_ENCODING_UTF8);
  return parser;
}

static inline xmlParserCtxtPtr fil_xml_parser(const char *bytes, int count) {
  xmlParserCtxtPtr parser = xmlCreateMemoryParserCtxt(bytes, count);
  if (!parser) return NULL;
  xmlCtxtUseOptions(
      parser, XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NONET | XML_PARSE_SAX1 |
                  XML_PARSE_HUGE);
  return parser;
}
