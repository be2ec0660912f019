#include "deploy/change_set.hpp"

#include <utility>

#include "awsapi/cloudformation.hpp"
#include "awsapi/sts.hpp"
#include "cloudformation/limits.hpp"
#include "deploy/follow.hpp"
#include "deploy/template_store.hpp"

namespace deploy {
namespace {

namespace cfn = awsapi::cloudformation;

cfn::CreateChangeSetRequest request_for(const Intent& intent,
                                        ChangeKind kind,
                                        const std::string& token,
                                        const std::string& template_url) {
  cfn::CreateChangeSetRequest request;
  request.stack_name = intent.stack_name;
  request.change_set_name = "docker-ecs-" + token;
  request.client_token = request.change_set_name;
  request.change_set_type = kind == ChangeKind::create ? "CREATE" : "UPDATE";
  request.description = "docker ecs compose up";
  if (template_url.empty()) {
    request.template_body = intent.template_body;
  } else {
    request.template_url = template_url;
  }
  request.capabilities = {"CAPABILITY_IAM"};
  for (const auto& [name, value] : intent.parameters) {
    cfn::Parameter parameter;
    parameter.parameter_key = name;
    parameter.parameter_value = value;
    request.parameters.push_back(std::move(parameter));
  }
  cfn::Tag tag;
  tag.key = std::string(kProjectTag);
  tag.value = intent.project;
  request.tags.push_back(std::move(tag));
  return request;
}

bool says_no_change(std::string_view reason) {
  return reason.starts_with("The submitted information didn't contain changes") ||
         reason.starts_with("No updates are to be performed");
}

void append_changes(const cfn::DescribeChangeSetResponse& page, std::vector<PlannedChange>& out) {
  for (const cfn::Change& change : page.changes) {
    if (change.resource_change) {
      const cfn::ResourceChange& resource = *change.resource_change;
      out.push_back({resource.action.value_or(""),
                     resource.logical_resource_id.value_or(""),
                     resource.resource_type.value_or(""),
                     resource.replacement.value_or("") == "True"});
    }
  }
}

struct ChangeSetState {
  std::string status;
  std::string reason;
  std::vector<PlannedChange> changes;
};

ApiResult<ChangeSetState> read_change_set(Api& api, const std::string& id) {
  cfn::DescribeChangeSetRequest request;
  request.change_set_name = id;
  ChangeSetState state;
  auto read = api.for_each_page(request, [&](const cfn::DescribeChangeSetResponse& page) {
    state.status = page.status.value_or("");
    state.reason = page.status_reason.value_or("");
    append_changes(page, state.changes);
    return state.status == "CREATE_COMPLETE";
  });
  if (!read) {
    return util::unexpected(std::move(read.error()));
  }
  return state;
}

// A change set that cannot be executed is of no use to anybody; neither is the empty stack that its
// creation left.
void discard(World& world, const std::string& id, const std::string& stack_id, ChangeKind kind) {
  cfn::DeleteChangeSetRequest request;
  request.change_set_name = id;
  static_cast<void>(world.api.send(request));
  if (kind == ChangeKind::create) {
    cfn::DeleteStackRequest shell;
    shell.stack_name = stack_id;
    static_cast<void>(world.api.send(shell));
  }
}

// The URL of a template that is too large for a request; empty for any other.
util::Result<std::string, Problem> uploaded(World& world, const Intent& intent) {
  if (intent.template_body.size() <= cloudformation::limits::kInlineBytes) {
    return std::string();
  }
  const auto identity = world.api.send(awsapi::sts::GetCallerIdentityRequest{});
  if (!identity) {
    return util::unexpected(Problem(identity.error()));
  }
  const TemplateStore store{identity->account.value_or(""), world.region, world.s3_url};
  return store_template(world, store, intent.stack_name, intent.template_body);
}

}  // namespace

util::Result<std::optional<PreparedChangeSet>, Problem> prepare_change_set(World& world,
                                                                           const Intent& intent,
                                                                           ChangeKind kind) {
  const auto url = uploaded(world, intent);
  if (!url) {
    return util::unexpected(url.error());
  }
  const auto created = world.api.send(request_for(intent, kind, world.new_token(), *url));
  if (!created) {
    return util::unexpected(Problem(created.error()));
  }
  const std::string id = created->id.value_or("");
  const std::string stack_id = created->stack_id.value_or("");
  Pacer pacer(world);
  for (;;) {
    auto state = read_change_set(world.api, id);
    if (!state) {
      return util::unexpected(Problem(std::move(state.error())));
    }
    if (state->status == "CREATE_COMPLETE") {
      return std::optional(PreparedChangeSet{id, stack_id, std::move(state->changes)});
    }
    if (state->status == "FAILED") {
      discard(world, id, stack_id, kind);
      if (says_no_change(state->reason)) {
        return std::optional<PreparedChangeSet>();
      }
      return util::unexpected(
          Problem(Failed{"the change set was refused: " + state->reason, {}, {}}));
    }
    if (!pacer.pause()) {
      discard(world, id, stack_id, kind);
      return util::unexpected(Problem(Detached{{}}));
    }
  }
}

}  // namespace deploy
