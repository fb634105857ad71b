<?php
/**
 * The bodies that go to MCI.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * Events, and the JSON and times of both directions. Knows nothing of WordPress.
 */
final class MCI_Message {

	const UPDATED  = 'order.updated';
	const DELETED  = 'order.deleted';
	const UNPAIRED = 'plugin.unpaired';
	const PING     = 'ping';

	/**
	 * Orders that a customer has only begun; nobody needs to hear of them.
	 */
	const DRAFTS = array( 'auto-draft', 'draft', 'checkout-draft', 'new' );

	/**
	 * An event.
	 *
	 * @param string              $topic One of the constants.
	 * @param int                 $at    When it was noted, seconds since 1970.
	 * @param array<string,mixed> $more  What it says.
	 * @return array<string,mixed>
	 */
	public static function event( $topic, $at, array $more = array() ) {
		return array(
			'topic' => $topic,
			'at'    => self::time( $at ),
		) + $more;
	}

	/**
	 * UTC, as `2026-11-23T21:16:01Z`.
	 *
	 * @param int $seconds Seconds since 1970.
	 * @return string
	 */
	public static function time( $seconds ) {
		return gmdate( 'Y-m-d\TH:i:s\Z', $seconds );
	}

	/**
	 * A time of the database (`2026-11-23 21:16:01`, UTC) as the protocol writes it.
	 *
	 * @param string $text The column's text.
	 * @return string
	 */
	public static function time_of_column( $text ) {
		return str_replace( ' ', 'T', $text ) . 'Z';
	}

	/**
	 * The bytes for the wire: ASCII, so that nothing on the way can change them. A character that is no UTF-8 becomes
	 * the replacement character rather than stopping the whole message.
	 *
	 * @param array<string,mixed> $data What to say.
	 * @return string
	 * @throws UnexpectedValueException What cannot be written as JSON.
	 */
	public static function encode( array $data ) {
		// phpcs:ignore WordPress.WP.AlternativeFunctions.json_encode_json_encode -- must not depend on filters: the bytes are signed.
		$json = json_encode( $data, JSON_INVALID_UTF8_SUBSTITUTE );
		if ( false === $json ) {
			throw new UnexpectedValueException( json_last_error_msg() ); // phpcs:ignore WordPress.Security.EscapeOutput.ExceptionNotEscaped -- goes to the log.
		}
		return $json;
	}
}
