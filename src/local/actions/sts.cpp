#include "local/actions/sts.hpp"

#include "awsapi/iam.hpp"
#include "awsapi/sts.hpp"

namespace local {

namespace {

namespace api_sts = awsapi::sts;
constexpr std::int64_t kDefaultSeconds = 3600;

// "arn:aws:iam::000000000000:role/path/name" -> "name"; empty when it is no role of `account`.
std::string role_in(const std::string& arn, const std::string& account) {
  const std::string prefix = "arn:aws:iam::" + account + ":role/";
  return arn.starts_with(prefix) ? arn.substr(arn.rfind('/') + 1) : std::string();
}

}  // namespace

void Sts::add_actions(ActionTable& actions) {
  actions.add<api_sts::GetCallerIdentityRequest>(
      [this](const auto&) -> util::Result<api_sts::GetCallerIdentityResponse, ApiError> {
        return api_sts::GetCallerIdentityResponse{
            context_.account, context_.account, "arn:aws:iam::" + context_.account + ":root"};
      });
  actions.add<api_sts::AssumeRoleRequest>(
      [this](const auto& request) -> util::Result<api_sts::AssumeRoleResponse, ApiError> {
        awsapi::iam::GetRoleRequest query;
        query.role_name = role_in(request.role_arn, context_.account);
        const auto role = actions_.call(query);
        if (query.role_name.empty() || !role || role->role.arn != request.role_arn) {
          return util::unexpected(
              ApiError{"AccessDenied",
                       "User: arn:aws:iam::" + context_.account +
                           ":root is not authorized to perform: sts:AssumeRole on resource: " +
                           request.role_arn,
                       403});
        }
        api_sts::AssumeRoleResponse response;
        api_sts::Credentials& credentials = response.credentials.emplace();
        credentials.access_key_id = "ASIA" + context_.ids.alnum(16);
        credentials.secret_access_key = context_.ids.hex(40);
        credentials.session_token = context_.ids.hex(120);
        credentials.expiration.millis = context_.now().time_since_epoch().count() +
                                        request.duration_seconds.value_or(kDefaultSeconds) * 1000;
        api_sts::AssumedRoleUser& user = response.assumed_role_user.emplace();
        user.assumed_role_id = role->role.role_id + ":" + request.role_session_name;
        user.arn = "arn:aws:sts::" + context_.account + ":assumed-role/" + query.role_name + "/" +
                   request.role_session_name;
        response.packed_policy_size = 0;
        response.source_identity = request.source_identity;
        return response;
      });
}

}  // namespace local
