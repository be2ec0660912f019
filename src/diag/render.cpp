#include "diag/render.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>

namespace diag {
namespace {

constexpr std::uint32_t kMaxQuote = 200;

struct Style {
  std::string_view word;
  std::string_view colour;
};

Style style_of(Severity severity) {
  switch (severity) {
    case Severity::note: return {"note", "\x1b[1;36m"};
    case Severity::warning: return {"warning", "\x1b[1;33m"};
    case Severity::error: return {"error", "\x1b[1;31m"};
  }
  return {"error", "\x1b[1;31m"};
}

std::string painted(std::string_view text, std::string_view code, Colour colour) {
  if (colour == Colour::never) {
    return std::string(text);
  }
  return std::string(code) + std::string(text) + "\x1b[0m";
}

// The quoted line and a caret line under the span; tabs are kept so that the carets line up.
std::string excerpt(const Span& span, const SourceMap& sources, Colour colour) {
  const Position at = sources.position(span.file, span.begin);
  const std::string_view line = sources.line(span.file, at.line).substr(0, kMaxQuote);
  if (line.empty() || at.column > kMaxQuote) {
    return {};
  }
  const std::string number = std::to_string(at.line);
  std::string pad;
  for (const char c : line.substr(0, std::min<std::size_t>(at.column - 1, line.size()))) {
    pad += c == '\t' ? '\t' : ' ';
  }
  const std::size_t rest = line.size() > pad.size() ? line.size() - pad.size() : 1;
  const std::size_t width = std::clamp<std::size_t>(span.end - span.begin, 1, rest);
  return "  " + number + " | " + std::string(line) + "\n  " + std::string(number.size(), ' ') +
         " | " + pad + painted(std::string(width, '^'), "\x1b[1;32m", colour) + "\n";
}

std::string place(const std::optional<Span>& span, const SourceMap& sources) {
  const std::string where = span ? sources.describe(*span) : std::string{};
  return where.empty() ? where : where + ": ";
}

}  // namespace

std::string render_text(const Diagnostic& d, const SourceMap& sources, Colour colour) {
  const Style style = style_of(d.severity);
  std::string out = place(d.span, sources) + painted(style.word, style.colour, colour) + ": " +
                    d.message + " [" + std::string(d.code) + "]\n";
  if (d.span) {
    out += excerpt(*d.span, sources, colour);
  }
  for (const Label& label : d.labels) {
    out += place(label.span, sources) + painted("note", "\x1b[1;36m", colour) + ": " + label.text +
           "\n" + excerpt(label.span, sources, colour);
  }
  if (!d.help.empty()) {
    out += painted("help", "\x1b[1;32m", colour) + ": " + d.help + "\n";
  }
  return out;
}

std::string render_text(std::vector<Diagnostic> diagnostics,
                        const SourceMap& sources,
                        Colour colour) {
  const auto key = [](const Diagnostic& d) {
    const bool nowhere = !d.span || d.span->file.value == 0;
    return std::tuple(nowhere, d.span ? d.span->file.value : 0, d.span ? d.span->begin : 0);
  };
  std::stable_sort(diagnostics.begin(),
                   diagnostics.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
  std::string out;
  std::vector<std::string> seen;
  for (const Diagnostic& d : diagnostics) {
    std::string text = render_text(d, sources, colour);
    if (std::find(seen.begin(), seen.end(), text) == seen.end()) {
      out += text;
      seen.push_back(std::move(text));
    }
  }
  return out;
}

}  // namespace diag
