curl $WEAI_BASE_URL/chat/completions -H "Content-Type: application/json" -H "Authorization: Bearer $WEAI_API_KEY" \
  -d '{"model": "llama3.1-8B", "messages": [{"role": "user", "content": "Where was the 2020 World Series played?"}]}'
