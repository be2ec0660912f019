#include "cli/terminal.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

#include "util/strings.hpp"

namespace cli {
namespace {

std::string_view escape_of(Style style) {
  switch (style) {
    case Style::plain: return "";
    case Style::bold: return "\x1b[1m";
    case Style::red: return "\x1b[31m";
    case Style::green: return "\x1b[32m";
    case Style::yellow: return "\x1b[33m";
    case Style::blue: return "\x1b[34m";
    case Style::magenta: return "\x1b[35m";
    case Style::cyan: return "\x1b[36m";
    case Style::grey: return "\x1b[90m";
  }
  return "";
}

// The ranges that terminals draw two columns wide (East Asian Width W and F, and emoji), coarsely.
bool is_wide(char32_t c) {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
         (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
         (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) ||
         (c >= 0x20000 && c <= 0x3FFFD);
}

bool is_combining(char32_t c) {
  return (c >= 0x0300 && c <= 0x036F) || c == 0x200B || c == 0x200D || (c >= 0xFE00 && c <= 0xFE0F);
}

}  // namespace

DescriptorOutput::DescriptorOutput(int descriptor, const util::Environment& environment)
    : descriptor_(descriptor) {
  screen_.is_terminal = ::isatty(descriptor) == 1;
  screen_.colour = screen_.is_terminal && !environment.non_empty("NO_COLOR") &&
                   environment.find("TERM") != "dumb";
  if (const auto columns = util::parse_int(environment.find("COLUMNS").value_or(""))) {
    if (*columns > 0 && *columns < 10'000) {
      fixed_columns_ = static_cast<int>(*columns);
    }
  }
}

void DescriptorOutput::write(std::string_view text) {
  while (!text.empty() && !closed_) {
    const ssize_t count = ::write(descriptor_, text.data(), text.size());
    if (count >= 0) {
      text.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      closed_ = true;
      failure_ = errno == EPIPE ? 0 : errno;
    }
  }
}

Screen DescriptorOutput::screen() const {
  Screen screen = screen_;
  winsize size{};
  if (screen.is_terminal && ::ioctl(descriptor_, TIOCGWINSZ, &size) == 0) {
    screen.columns = size.ws_col > 0 ? size.ws_col : screen.columns;
    screen.rows = size.ws_row > 0 ? size.ws_row : screen.rows;
  }
  screen.columns = fixed_columns_.value_or(screen.columns);
  return screen;
}

bool DescriptorInput::is_terminal() const {
  return ::isatty(descriptor_) == 1;
}

std::optional<std::string> DescriptorInput::read_all() {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t count = ::read(descriptor_, buffer.data(), buffer.size());
    if (count > 0) {
      text.append(buffer.data(), static_cast<std::size_t>(count));
    } else if (count == 0) {
      return text;
    } else if (errno != EINTR) {
      return std::nullopt;
    }
  }
}

std::string styled(std::string_view text, Style style, const Screen& screen) {
  if (!screen.colour || style == Style::plain || text.empty()) {
    return std::string(text);
  }
  return std::string(escape_of(style)) + std::string(text) + "\x1b[0m";
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead == 0x1B && i + 1 < text.size() && text[i + 1] == '[') {
      i += 2;
      while (i < text.size() && (text[i] < 0x40 || text[i] > 0x7E)) {
        ++i;
      }
      ++i;
      continue;
    }
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t point = length == 1 ? lead : lead & (0xFFU >> (length + 1));
    for (std::size_t k = 1; k < length && i + k < text.size(); ++k) {
      point = (point << 6U) | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    }
    i += length;
    width += is_combining(point) ? 0U : is_wide(point) ? 2U : 1U;
  }
  return width;
}

std::string fit_to_width(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) {
    return std::string(text);
  }
  std::size_t end = text.size();
  while (end > 0 && display_width(text.substr(0, end)) + 1 > columns) {
    do {
      --end;
    } while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U);
  }
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace cli
