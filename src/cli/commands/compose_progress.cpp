#include "cli/commands/compose_progress.hpp"

#include "cli/command.hpp"
#include "cli/session.hpp"
#include "util/overloaded.hpp"
#include "util/strings.hpp"

namespace cli {
namespace {

struct StatusWords {
  std::string_view status;
  std::string_view words;
  RowState state;
};

constexpr StatusWords kWords[] = {
    {"CREATE_IN_PROGRESS", "Creating", RowState::working},
    {"CREATE_COMPLETE", "Created", RowState::done},
    {"CREATE_FAILED", "Creation failed", RowState::failed},
    {"UPDATE_IN_PROGRESS", "Updating", RowState::working},
    {"UPDATE_COMPLETE", "Updated", RowState::done},
    {"UPDATE_FAILED", "Update failed", RowState::failed},
    {"DELETE_IN_PROGRESS", "Removing", RowState::working},
    {"DELETE_COMPLETE", "Removed", RowState::done},
    {"DELETE_FAILED", "Removal failed", RowState::failed},
    {"DELETE_SKIPPED", "Kept", RowState::warning},
};

ProgressRow row_of(const deploy::StackEvent& event) {
  ProgressRow row{.id = event.logical_id, .text = event.logical_id, .status = event.status};
  for (const StatusWords& entry : kWords) {
    if (entry.status == event.status) {
      row.status = entry.words;
      row.state = entry.state;
    }
  }
  if (event.is_cancelled() && row.state == RowState::failed) {
    row.status = "Cancelled";
    row.state = RowState::warning;
  } else if (row.state == RowState::failed) {
    row.detail = deploy::plain_reason(event.reason);
  }
  return row;
}

}  // namespace

DeployProgress::DeployProgress(const Session& session, std::string_view mode, std::string title)
    : progress_(session.err(), session.clock(), progress_mode(mode), std::move(title)) {}

void DeployProgress::on_step(const deploy::Step& step) {
  std::visit(
      util::overloaded{[this](const deploy::FollowOperation& s) {
                         progress_.note("the stack is busy (" + s.status + "): waiting for it");
                       },
                       [this](const deploy::DeleteStack& s) {
                         if (!s.because.empty()) {
                           progress_.note("removing what is left of the stack (" + s.because + ")");
                         }
                       },
                       [](const deploy::ApplyTemplate&) {}},
      step);
}

void DeployProgress::on_changes(const std::vector<deploy::PlannedChange>& changes) {
  for (const deploy::PlannedChange& change : changes) {
    // Every change of a task definition makes a new revision of it: nothing to worry about.
    if (change.replacement && change.type != "AWS::ECS::TaskDefinition") {
      progress_.note(change.logical_id + " is replaced by a new one");
    } else if (change.action == "Remove") {
      progress_.note(change.logical_id + " is removed");
    }
  }
}

void DeployProgress::on_event(const deploy::StackEvent& event) {
  if (!event.is_stack) {
    progress_.update(row_of(event));
  } else if (event.status.ends_with("ROLLBACK_IN_PROGRESS")) {
    progress_.note("rolling back: " + deploy::plain_reason(event.reason));
  }
}

void DeployProgress::on_remark(const std::string& line) {
  progress_.note(line);
}

Flag progress_flag() {
  return {.name = "progress",
          .kind = FlagKind::text,
          .help = "How to show progress",
          .default_value = "auto",
          .choices = {"auto", "tty", "plain", "json", "quiet"}};
}

}  // namespace cli
