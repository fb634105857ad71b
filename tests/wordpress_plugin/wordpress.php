<?php
/**
 * The few functions of WordPress that the tested parts call, in memory; and a queue table in memory with the meaning of
 * the SQL one.
 */

define( 'ABSPATH', __DIR__ . '/' );
define( 'PLUGIN', dirname( __DIR__, 2 ) . '/connectors/platforms/wordpress/plugin/mci-connector/' );
define( 'MCI_CONNECTOR_DIR', PLUGIN );
define( 'MCI_CONNECTOR_VERSION', '1.2.0' );

spl_autoload_register(
	static function ( $name ) {
		if ( 0 === strpos( $name, 'MCI_' ) ) {
			require PLUGIN . 'includes/class-' . str_replace( '_', '-', strtolower( $name ) ) . '.php';
		}
	}
);

$options = array();
$answers = array(); // What wp_remote_post() answers, in turn; the last one repeats.
$sent    = array(); // What it was given.
$logged  = array();

function forget_everything() {
	global $options, $answers, $sent, $logged;
	$options = array( 'home' => 'https://shop.example' );
	$answers = array( answer( 200 ) );
	$sent    = array();
	$logged  = array();
}

function get_option( $name, $fallback = false ) {
	global $options;
	return isset( $options[ $name ] ) ? $options[ $name ] : $fallback;
}

function update_option( $name, $value, $autoload = null ) {
	global $options;
	$options[ $name ] = $value;
}

function delete_option( $name ) {
	global $options;
	unset( $options[ $name ] );
}

function apply_filters( $hook, $value ) {
	return $value;
}

function wp_generate_uuid4() {
	$hex = bin2hex( random_bytes( 16 ) );
	return substr( $hex, 0, 8 ) . '-' . substr( $hex, 8, 4 ) . '-4' . substr( $hex, 13, 3 ) . '-a' . substr( $hex, 17, 3 ) . '-' . substr( $hex, 20 );
}

function __( $text ) {
	return $text;
}

function get_user_locale() {
	return 'it_IT';
}

function sanitize_text_field( $text ) {
	return trim( strip_tags( $text ) );
}

class WP_Error {

	private $message;

	public function __construct( $code, $message = '' ) {
		$this->message = $message;
	}

	public function get_error_message() {
		return $this->message;
	}
}

function is_wp_error( $what ) {
	return $what instanceof WP_Error;
}

function answer( $status, $body = '', array $headers = array() ) {
	return array(
		'status'  => $status,
		'body'    => $body,
		'headers' => $headers,
	);
}

function wp_remote_post( $url, $options ) {
	global $answers, $sent;
	$sent[] = array( 'url' => $url ) + $options;
	$next   = count( $answers ) > 1 ? array_shift( $answers ) : $answers[0];
	return is_callable( $next ) ? $next( $options['body'] ) : $next;
}

function wp_remote_retrieve_response_code( $answer ) {
	return $answer['status'];
}

function wp_remote_retrieve_body( $answer ) {
	return $answer['body'];
}

function wp_remote_retrieve_header( $answer, $name ) {
	return isset( $answer['headers'][ $name ] ) ? $answer['headers'][ $name ] : '';
}

class Logger {

	public function error( $text ) {
		global $logged;
		$logged[] = $text;
	}
}

function wc_get_logger() {
	return new Logger();
}

/**
 * The shop's orders, as WooCommerce's API would show them.
 */
class Orders_In_Memory extends MCI_Order_Json {

	public $orders = array();

	public function read( $order_id ) {
		$order = isset( $this->orders[ $order_id ] ) ? $this->orders[ $order_id ] : null;
		if ( $order instanceof Throwable ) {
			throw $order;
		}
		return $order;
	}
}

class About_In_Memory extends MCI_About {

	public function shop() {
		return array( 'home' => 'https://shop.example' );
	}
}

class Queue_In_Memory extends MCI_Queue_Table {

	public $rows = array();

	public function note( $order_id, $topic, $message, $now ) {
		$row = isset( $this->rows[ $order_id ] ) ? $this->rows[ $order_id ] : array(
			'order_id'      => $order_id,
			'version'       => 0,
			'claim'         => '',
			'claimed_until' => 0,
			'state'         => 'failed',
		);
		if ( 'failed' === $row['state'] ) {
			$row = array(
				'attempts'      => 0,
				'try_after'     => $now,
				'waiting_since' => $now,
				'reason'        => '',
				'state'         => 'waiting',
			) + $row;
		}
		$this->rows[ $order_id ] = array(
			'topic'    => $topic,
			'message'  => $message,
			'noted_at' => $now,
			'version'  => $row['version'] + 1,
		) + $row;
		return true;
	}

	public function claim( $claim, $now, $until ) {
		$due = array_filter( $this->rows, static fn( $row ) => 'waiting' === $row['state'] && $row['try_after'] <= $now && $row['claimed_until'] <= $now );
		usort( $due, static fn( $a, $b ) => array( $a['try_after'], $a['waiting_since'], $a['order_id'] ) <=> array( $b['try_after'], $b['waiting_since'], $b['order_id'] ) );
		if ( ! $due ) {
			return null;
		}
		$id = $due[0]['order_id'];

		$this->rows[ $id ]['claim']         = $claim;
		$this->rows[ $id ]['claimed_until'] = $until;
		return $this->rows[ $id ];
	}

	public function remove( $order_id, $version, $claim ) {
		if ( ! $this->holds( $order_id, $claim ) || $this->rows[ $order_id ]['version'] !== $version ) {
			return false;
		}
		unset( $this->rows[ $order_id ] );
		return true;
	}

	public function renew( $order_id, $claim, $now ) {
		if ( $this->holds( $order_id, $claim ) ) {
			$row = $this->rows[ $order_id ];

			$this->rows[ $order_id ] = array(
				'claim'         => '',
				'claimed_until' => 0,
				'attempts'      => 0,
				'try_after'     => $now,
				'waiting_since' => $row['noted_at'],
				'reason'        => '',
			) + $row;
		}
	}

	public function give_back( $order_id, $version, $claim, $failed, $attempts, $try_after, $reason ) {
		if ( $this->holds( $order_id, $claim ) ) {
			$row = $this->rows[ $order_id ];

			$this->rows[ $order_id ] = array(
				'claim'         => '',
				'claimed_until' => 0,
				'attempts'      => $attempts,
				'try_after'     => $try_after,
				'reason'        => $reason,
				'state'         => $failed && $row['version'] === $version ? 'failed' : 'waiting',
			) + $row;
		}
	}

	public function put_off( $now, $until, $reason ) {
		foreach ( $this->rows as $id => $row ) {
			if ( 'waiting' === $row['state'] && $row['try_after'] <= $now && $row['claimed_until'] <= $now ) {
				$this->rows[ $id ]['try_after'] = $until;
				$this->rows[ $id ]['reason']    = $reason;
			}
		}
	}

	public function hurry( $reason, $tries, $now ) {
		foreach ( $this->rows as $id => $row ) {
			if ( 'waiting' === $row['state'] && $row['attempts'] < $tries && 0 === strpos( $row['reason'], $reason ) ) {
				$this->rows[ $id ]['try_after'] = min( $row['try_after'], $now );
			}
		}
	}

	public function retry( $now ) {
		foreach ( $this->rows as $id => $row ) {
			$since = 'failed' === $row['state'] ? $now : $row['waiting_since'];

			$this->rows[ $id ] = array(
				'waiting_since' => $since,
				'state'         => 'waiting',
				'attempts'      => 0,
				'try_after'     => $now,
			) + $row;
		}
	}

	public function clear() {
		$this->rows = array();
	}

	private function holds( $order_id, $claim ) {
		return isset( $this->rows[ $order_id ] ) && $this->rows[ $order_id ]['claim'] === $claim;
	}
}
