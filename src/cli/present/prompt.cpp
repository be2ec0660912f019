#include "cli/present/prompt.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "cli/present/selection.hpp"

namespace cli {
namespace {

constexpr int kPollMilliseconds = 50;
constexpr std::size_t kWindow = 10;

// Raw mode while it lives.
class RawMode {
 public:
  explicit RawMode(int descriptor) : descriptor_(descriptor) {
    if (::tcgetattr(descriptor_, &saved_) != 0) {
      return;
    }
    termios raw = saved_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG | IEXTEN);
    raw.c_iflag &= ~static_cast<tcflag_t>(IXON | ICRNL);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    active_ = ::tcsetattr(descriptor_, TCSADRAIN, &raw) == 0;
  }

  ~RawMode() {
    if (active_) {
      ::tcsetattr(descriptor_, TCSADRAIN, &saved_);
    }
  }

  RawMode(const RawMode&) = delete;
  RawMode& operator=(const RawMode&) = delete;

 private:
  int descriptor_;
  termios saved_{};
  bool active_ = false;
};

bool is_cancelled(const std::optional<Key>& key) {
  return !key || key->kind == Key::Kind::cancel || key->kind == Key::Kind::end_of_file;
}

// The end of a long text, so that the place where one types stays visible.
std::string tail_of(const std::string& text, std::size_t columns) {
  std::size_t begin = 0;
  while (display_width(std::string_view(text).substr(begin)) > columns) {
    ++begin;
  }
  return text.substr(begin);
}

}  // namespace

Prompter::Prompter(Input& input, Output& output, std::stop_token stop)
    : input_(input), output_(output), stop_(std::move(stop)) {}

bool Prompter::can_ask() const {
  return input_.is_terminal() && output_.screen().is_terminal;
}

std::optional<Key> Prompter::read_key() {
  for (;;) {
    if (std::optional<Key> key = keys_.next()) {
      return key;
    }
    if (stop_.stop_requested()) {
      return std::nullopt;
    }
    pollfd watched{input_.descriptor(), POLLIN, 0};
    const int ready = ::poll(&watched, 1, kPollMilliseconds);
    if (ready == 0) {
      if (std::optional<Key> key = keys_.flush()) {
        return key;
      }
      continue;
    }
    if (ready < 0) {
      if (errno == EINTR) {
        continue;
      }
      return std::nullopt;
    }
    std::array<char, 256> buffer{};
    const ssize_t count = ::read(input_.descriptor(), buffer.data(), buffer.size());
    if (count <= 0) {
      return std::nullopt;
    }
    keys_.feed({buffer.data(), static_cast<std::size_t>(count)});
  }
}

void Prompter::answered(std::string_view label, std::string_view answer) {
  output_.write("\r\x1b[K" + styled("✔", Style::green, output_.screen()) + " " +
                std::string(label) + ": " + std::string(answer) + "\n");
}

std::optional<std::string> Prompter::line(std::string_view label,
                                          const std::string& suggestion,
                                          const Check& check,
                                          Echo echo) {
  const RawMode raw(input_.descriptor());
  std::string head(label);
  if (!suggestion.empty()) {
    head += " (" + suggestion + ")";
  }
  LineEditor editor;
  for (;;) {
    const Screen screen = output_.screen();
    const auto columns = static_cast<std::size_t>(screen.columns);
    const std::size_t used = display_width(head) + 5;
    const std::string shown =
        echo == Echo::visible ? editor.text() : std::string(display_width(editor.text()), '*');
    output_.write("\r\x1b[K" + styled("?", Style::blue, screen) + " " +
                  styled(head, Style::bold, screen) + ": " +
                  tail_of(shown, columns > used + 8 ? columns - used : 8));
    const std::optional<Key> key = read_key();
    if (is_cancelled(key)) {
      output_.write("\n");
      return std::nullopt;
    }
    if (key->kind != Key::Kind::enter) {
      editor.apply(*key);
      continue;
    }
    const std::string answer = editor.text().empty() ? suggestion : editor.text();
    if (const std::string problem = check ? check(answer) : std::string(); !problem.empty()) {
      output_.write("\n" + styled("✗", Style::red, screen) + " " + problem + "\n");
      editor.clear();
      continue;
    }
    answered(label, echo == Echo::visible ? answer : std::string(display_width(answer), '*'));
    return answer;
  }
}

std::optional<std::string> Prompter::text(std::string_view label,
                                          const std::string& suggestion,
                                          const Check& check) {
  return line(label, suggestion, check, Echo::visible);
}

std::optional<std::string> Prompter::secret(std::string_view label, const Check& check) {
  return line(label, {}, check, Echo::masked);
}

std::optional<bool> Prompter::confirm(std::string_view label, bool suggestion) {
  const RawMode raw(input_.descriptor());
  const Screen screen = output_.screen();
  const std::string choices = suggestion ? "[Y/n]" : "[y/N]";
  output_.write(styled("?", Style::blue, screen) + " " + styled(label, Style::bold, screen) + " " +
                choices + " ");
  LineEditor editor;
  for (;;) {
    const std::optional<Key> key = read_key();
    if (is_cancelled(key)) {
      output_.write("\n");
      return std::nullopt;
    }
    if (key->kind != Key::Kind::enter) {
      editor.apply(*key);
      output_.write("\r\x1b[K" + styled("?", Style::blue, screen) + " " +
                    styled(label, Style::bold, screen) + " " + choices + " " + editor.text());
      continue;
    }
    const std::string& typed = editor.text();
    const bool yes = typed.empty() ? suggestion : typed.front() == 'y' || typed.front() == 'Y';
    output_.write("\r\x1b[K" + styled("✔", Style::green, screen) + " " + std::string(label) + " " +
                  (yes ? "y" : "N") + "\n");
    return yes;
  }
}

std::optional<std::size_t> Prompter::select(std::string_view label,
                                            const std::vector<std::string>& items,
                                            std::size_t initial) {
  const RawMode raw(input_.descriptor());
  Selection selection(items, initial, kWindow);
  std::size_t drawn = 0;
  const auto erase = [&] {
    output_.write(drawn > 0 ? "\x1b[" + std::to_string(drawn) + "A\r\x1b[J" : "\r\x1b[J");
  };
  for (;;) {
    const Screen screen = output_.screen();
    const auto columns = static_cast<std::size_t>(std::max(screen.columns, 24));
    std::string text =
        styled("?", Style::blue, screen) + " " + styled(label, Style::bold, screen) + ": " +
        styled(selection.filter().empty() ? "[arrows move, type to filter]" : selection.filter(),
               selection.filter().empty() ? Style::grey : Style::plain,
               screen) +
        "\n";
    const auto lines = selection.lines();
    for (const Selection::Line& line : lines) {
      const std::string item = fit_to_width(line.text, columns - 4);
      text += line.marked ? styled("▸ " + item, Style::cyan, screen) + "\n" : "  " + item + "\n";
    }
    if (selection.matches() > lines.size()) {
      text += styled("  " + std::to_string(selection.matches()) + " in all", Style::grey, screen) +
              "\n";
    }
    erase();
    output_.write(text);
    drawn = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    const std::optional<Key> key = read_key();
    if (is_cancelled(key)) {
      return std::nullopt;
    }
    if (key->kind == Key::Kind::enter && selection.chosen() < items.size()) {
      erase();
      answered(label, items[selection.chosen()]);
      return selection.chosen();
    }
    selection.apply(*key);
  }
}

}  // namespace cli
