#include "cli/aws_service.hpp"

#include "aws/retry.hpp"

namespace cli {
namespace {

std::string help_for(const ServiceError& error) {
  if (error.code == kLocalEngineGone) {
    return "it may have ended: see \"docker ecs local status\" and \"docker ecs local logs\", then run the command again";
  }
  if (error.code == "BrokenAnswer") {
    return "something between here and AWS may have answered instead: check AWS_ENDPOINT_URL and HTTPS_PROXY";
  }
  if (error.kind == ServiceError::Kind::unreachable) {
    return "is the network up, and the region spelled correctly?";
  }
  if (error.code.starts_with("ExpiredToken") || error.code == "RequestExpired") {
    return "the credentials have expired: sign in again (\"aws sso login\" for SSO profiles)";
  }
  if (error.code.starts_with("AccessDenied") || error.code == "UnauthorizedOperation") {
    return "the credentials work, but an IAM policy does not allow this call";
  }
  if (error.code == "UnrecognizedClientException" || error.code == "InvalidClientTokenId" ||
      error.code.starts_with("SignatureDoesNotMatch") ||
      error.code.starts_with("InvalidSignature")) {
    return "the access key or its secret is wrong: run \"docker ecs setup\" or \"aws configure\"";
  }
  if (aws::is_throttling(error.code)) {
    return "AWS limits how often it may be called: wait a little, then run the command again";
  }
  if (error.code == "UnreadableResponse") {
    return "something between here and AWS may have answered instead: check AWS_ENDPOINT_URL and HTTPS_PROXY";
  }
  return "";
}

}  // namespace

Failure describe(const ServiceError& error) {
  std::string message = error.message.empty() ? "the endpoint refused the call" : error.message;
  if (!error.code.empty() && error.kind == ServiceError::Kind::answered) {
    message += " (" + error.code + ")";
  }
  return {std::move(message), help_for(error)};
}

}  // namespace cli
